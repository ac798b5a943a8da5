import type { Logger } from "../shared/log.ts";

export interface Count {
  totalHits: number;
  resetInMs: number;
}

/**
 * Counts hits per key in a fixed window that starts with the first.
 * MUST reject within its deadline when it can't count, and never grow without bound.
 */
export interface LimitStore {
  increment(key: string, windowMs: number): Promise<Count>;
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

export type Limiter = (key: string) => Promise<Verdict>;

/** Below this share of the limit nobody waits for the shared count, which is then taken beside the event. */
const farFromLimit = 0.5;
const maxKnown = 50_000;

/**
 * One limiter serves HTTP, connections and events: `await limiter(key)` counts one hit.
 *
 * The first hit of a window, and those near the limit, are judged by the count over all replicas. In
 * between the last known count is near enough, and saves every event a round trip.
 */
export function createLimiter(options: LimiterOptions): Limiter {
  const { limit, windowMs, memory, shared, log, now = Date.now } = options;
  // The latest shared counts, by key; the window that began first comes first.
  const known = new Map<string, { totalHits: number; endsAt: number }>();

  function learn(key: string, { totalHits, resetInMs }: Count): void {
    const before = known.get(key);
    const endsAt = now() + resetInMs;
    // Replies may come in another order than their hits; those of one window only grow.
    if (before && before.endsAt > now()) before.totalHits = Math.max(before.totalHits, totalHits);
    else {
      known.delete(key);
      known.set(key, { totalHits, endsAt });
    }
    for (const [oldest, window] of known) {
      if (known.size <= maxKnown && window.endsAt > now()) break;
      known.delete(oldest);
    }
  }

  async function count(key: string): Promise<Count> {
    try {
      if (!shared) return await memory.increment(key, windowMs);
      const counted = await shared.increment(key, windowMs);
      learn(key, counted);
      return counted;
    } catch (error) {
      log.debug({ err: error }, "shared limits are away, counting here");
      return memory.increment(key, windowMs);
    }
  }

  function judge({ totalHits, resetInMs }: Count): Verdict {
    return { allowed: totalHits <= limit, limit, remaining: Math.max(0, limit - totalHits), resetInMs };
  }

  return async (key) => {
    const counting = count(key);
    const latest = known.get(key);
    if (!latest || latest.endsAt <= now() || latest.totalHits >= limit * farFromLimit)
      return judge(await counting);
    counting.catch((error: unknown) => log.error({ err: error }, "a hit was not counted"));
    latest.totalHits += 1;
    return judge({ totalHits: latest.totalHits, resetInMs: latest.endsAt - now() });
  };
}
