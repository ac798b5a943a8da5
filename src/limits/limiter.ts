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
}

export type Limiter = (key: string) => Promise<Verdict>;

/** One limiter serves HTTP, connections and events: `await limiter(key)` counts one hit. */
export function createLimiter({ limit, windowMs, memory, shared, log }: LimiterOptions): Limiter {
  return async (key) => {
    let count: Count | undefined;
    if (shared) {
      count = await shared.increment(key, windowMs).catch((error: unknown) => {
        log.debug({ err: error }, "shared limits are away, counting here");
        return undefined;
      });
    }
    count ??= await memory.increment(key, windowMs);
    return {
      allowed: count.totalHits <= limit,
      limit,
      remaining: Math.max(0, limit - count.totalHits),
      resetInMs: count.resetInMs,
    };
  };
}
