import type { Logger } from "../observability/log.ts";

export interface Count {
  totalHits: number;
  resetInMs: number;
}

/**
 * Counts hits per key in a fixed window that starts with the first.
 * MUST reject within its deadline when it can't count, and never grow without bound.
 */
export interface LimitStore {
  /** Adds `hits`, a whole number from 1 on. */
  increment(key: string, windowMs: number, hits: number): Promise<Count>;
}

export interface Verdict {
  allowed: boolean;
  limit: number;
  remaining: number;
  /** Until the window ends: the time to wait when not allowed. */
  resetInMs: number;
}

export interface LimiterOptions {
  limit: number;
  windowMs: number;
  /** Used while `shared` is absent or fails. */
  memory: LimitStore;
  /** Counts over all replicas. */
  shared?: LimitStore | undefined;
  log: Logger;
  now?: () => number;
}

/** Counts `hits` (1 if left out) of `key`, and says whether they are within the limit. */
export type Limiter = (key: string, hits?: number) => Promise<Verdict>;

/** Below this share of the limit nobody waits for the shared count. */
const farFromLimit = 0.5;
/** Hits counted here are told to the shared count when they are this share of the limit, or this old. */
const portion = 0.01;
const portionMs = 100;
const maxKnown = 50_000;

/** What is known of a key's window over all replicas. */
interface Window {
  totalHits: number;
  endsAt: number;
  /** Counted here and not told yet. */
  untold: number;
  toldAt: number;
}

/**
 * One limiter serves HTTP, connections and events: `await limiter(key)` counts one hit.
 *
 * The first hit of a window, and those near the limit, are judged by the count over all replicas. In
 * between the last known count is near enough, and hits are told in portions: each for itself would cost
 * Redis as much as what it limits.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { limit, windowMs, memory, shared, log, now = Date.now } = options;
  // By key; the window that began first comes first.
  const known = new Map<string, Window>();

  function learn(key: string, { totalHits, resetInMs }: Count): void {
    const time = now();
    const before = known.get(key);
    // Replies may come in another order than their hits; those of one window only grow.
    if (before && before.endsAt > time) before.totalHits = Math.max(before.totalHits, totalHits);
    else {
      known.delete(key);
      known.set(key, { totalHits, endsAt: time + resetInMs, untold: 0, toldAt: time });
    }
    for (const [oldest, window] of known) {
      if (known.size <= maxKnown && window.endsAt > time) break;
      known.delete(oldest);
    }
  }

  async function count(key: string, hits: number): Promise<Count> {
    try {
      if (!shared) return await memory.increment(key, windowMs, hits);
      const counted = await shared.increment(key, windowMs, hits);
      learn(key, counted);
      return counted;
    } catch (error) {
      log.debug({ err: error }, "the shared limits can't be reached, counting on this replica");
      return memory.increment(key, windowMs, hits);
    }
  }

  function judge({ totalHits, resetInMs }: Count): Verdict {
    return { allowed: totalHits <= limit, limit, remaining: Math.max(0, limit - totalHits), resetInMs };
  }

  /** What was counted here since it was last told, which it counts as from now on. */
  function takeUntold(window: Window): number {
    const { untold } = window;
    window.totalHits += untold;
    window.untold = 0;
    window.toldAt = now();
    return untold;
  }

  return async (key, hits = 1) => {
    const window = known.get(key);
    if (!window || window.endsAt <= now()) return judge(await count(key, hits));
    window.untold += hits;
    const totalHits = window.totalHits + window.untold;
    if (totalHits > limit * farFromLimit) return judge(await count(key, takeUntold(window)));
    if (window.untold >= limit * portion || now() - window.toldAt >= portionMs) {
      count(key, takeUntold(window)).catch((error: unknown) => {
        log.error({ err: error }, "hits were not counted");
      });
    }
    return judge({ totalHits, resetInMs: window.endsAt - now() });
  };
}
