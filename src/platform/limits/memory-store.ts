import type { LimitStore } from "./limiter.ts";

/** Past so many keys the oldest windows are forgotten first: memory stays bounded under a flood. */
const maxKeys = 50_000;

/** Counts in this process. Expired windows go as new ones come, so no timer is needed. */
export function createMemoryLimitStore(now: () => number = Date.now): LimitStore & { size: () => number } {
  // In order of insertion; windows of one limiter end in that order too.
  const windows = new Map<string, { hits: number; endsAt: number }>();

  function sweep(time: number): void {
    for (const [key, window] of windows) {
      if (window.endsAt > time && windows.size < maxKeys) return;
      windows.delete(key);
    }
  }

  return {
    /** Windows that are kept. */
    size: () => windows.size,
    async increment(key, windowMs, hits) {
      const time = now();
      let window = windows.get(key);
      if (!window || window.endsAt <= time) {
        windows.delete(key);
        sweep(time);
        windows.set(key, (window = { hits: 0, endsAt: time + windowMs }));
      }
      window.hits += hits;
      return { totalHits: window.hits, resetInMs: window.endsAt - time };
    },
  };
}
