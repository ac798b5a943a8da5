import type { Logger } from "../observability/log.ts";
import { createSignal } from "../util/signal.ts";
import type { RedisLink } from "./connection-supervisor.ts";

/** A pause shorter than this is nobody's business but ours. */
const noticeAfterMs = 250;
/** How often the reason is looked at, and how many reasons of one outage are logged. */
const reasonEveryMs = 500;
const maxReasons = 5;

/**
 * Whether Redis is away in a way that people should know of. The link goes down at the first missed
 * deadline, so that nothing waits; most of those are over before anyone needs to be told.
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
    log.warn({ reason }, "Redis does not answer, going on without it");
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
      if (!isThere) log.info("Redis answers");
      forgetReasons();
      set(true);
    } else timer = setTimeout(() => set(false), noticeAfterMs);
  });

  return {
    isThere: () => isThere,

    /** Whether Redis answers; during a pause that nobody was told of, once that is over or told. */
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
    /** Logs why Redis does not answer at the start; the mode did not change, so no `mode` event is sent. */
    tellAway,
    close(): void {
      clearTimeout(timer);
      clearInterval(watcher);
    },
  };
}
