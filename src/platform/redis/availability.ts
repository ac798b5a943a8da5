import type { Logger } from "../observability/log.ts";
import { createSignal } from "../util/signal.ts";
import type { RedisLink } from "./connection-supervisor.ts";

/** A shorter pause is not announced: the mode stays as it is. */
const noticeAfterMs = 250;
/** How often the reason is looked at, and how many reasons of one outage are logged. */
const reasonEveryMs = 500;
const maxReasons = 5;

/**
 * Whether Redis is down for so long that clients and operators need to know. The link goes down at the first missed
 * deadline, so that nothing waits; most of these pauses are over before `noticeAfterMs`.
 */
export function createAvailability(link: RedisLink, log: Logger) {
  const changed = createSignal<boolean>();
  let isThere = false;
  let timer: NodeJS.Timeout | undefined;
  let watcher: NodeJS.Timeout | undefined;
  const reasons = new Set<string>();

  /** Logs each reason of an outage once: the first may be a deadline only, and the next a wrong password. */
  function logReason(): void {
    const { up, lastError: reason = "" } = link.status();
    if (up || reasons.has(reason) || reasons.size >= maxReasons) return;
    reasons.add(reason);
    log.warn({ reason }, `Redis does not respond (${reason}); running degraded, changes are stored locally`);
  }

  function tellAway(): void {
    logReason();
    watcher ??= setInterval(logReason, reasonEveryMs).unref();
  }

  function set(now: boolean): void {
    if (isThere === now) return;
    isThere = now;
    if (!now) tellAway();
    changed.emit(now);
  }

  function forgetReasons(): void {
    clearInterval(watcher);
    watcher = undefined;
    reasons.clear();
  }

  link.onChange((up) => {
    clearTimeout(timer);
    if (up) {
      if (!isThere) log.info("Redis responds");
      forgetReasons();
      set(true);
    } else timer = setTimeout(() => set(false), noticeAfterMs);
  });

  return {
    isThere: () => isThere,

    /** Whether Redis responds; during a pause that is not announced, when it is over or announced. */
    async answersSoon(): Promise<boolean> {
      if (link.isUp() || !isThere) return link.isUp();
      await new Promise<void>((resolve) => {
        const stops = [link.onChange, changed.on].map((on) =>
          on(() => {
            for (const stop of stops) stop();
            resolve();
          }),
        );
      });
      return link.isUp();
    },
    onChange: changed.on,
    /** Logs why Redis does not respond at the start; the mode did not change, so no `mode` event is sent. */
    tellAway,
    close(): void {
      clearTimeout(timer);
      clearInterval(watcher);
    },
  };
}
