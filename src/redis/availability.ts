import type { Logger } from "../shared/log.ts";
import { createSignal } from "../shared/signal.ts";
import type { RedisLink } from "./link.ts";

/** A pause shorter than this is nobody's business but ours. */
const noticeAfterMs = 250;

/**
 * Whether Redis is away in a way that people should know of. The link goes down at the first missed
 * deadline, so that nothing waits; most of those are over before anyone needs to be told.
 */
export function createAvailability(link: RedisLink, log: Logger) {
  const changed = createSignal<boolean>();
  let isThere = false;
  let timer: NodeJS.Timeout | undefined;

  function set(now: boolean): void {
    if (isThere === now) return;
    isThere = now;
    if (now) log.info("Redis answers");
    else log.warn({ reason: link.status().lastError }, "Redis does not answer, going on without it");
    changed.emit(now);
  }

  link.onChange((up) => {
    clearTimeout(timer);
    if (up) set(true);
    else timer = setTimeout(() => set(false), noticeAfterMs);
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
    close: () => clearTimeout(timer),
  };
}
