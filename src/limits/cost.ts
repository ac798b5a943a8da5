/** Bounds how long one key may keep everybody else waiting: what it makes the processor do in one piece. */
export interface CostLimiter {
  /** How long the key has to wait; 0 when it need not. */
  waitMs: (key: string) => number;
  /** Counts what the key made this process do. */
  charge: (key: string, costMs: number) => void;
}

export interface CostOptions {
  /** What takes no longer is not counted. */
  freeMs: number;
  /** The part of the processor's time that one key may have. */
  share: number;
  now?: () => number;
}

/** Whoever costs 500 ms at a share of a tenth waits for 5 s; others don't. Kept in memory until it is over. */
export function createCostLimiter({
  freeMs,
  share,
  now = () => performance.now(),
}: CostOptions): CostLimiter {
  const waitsUntil = new Map<string, number>();

  return {
    waitMs: (key) => Math.max(0, Math.ceil((waitsUntil.get(key) ?? 0) - now())),
    charge(key, costMs) {
      if (costMs <= freeMs) return;
      const time = now();
      const from = Math.max(time, waitsUntil.get(key) ?? 0);
      waitsUntil.set(key, from + costMs / share);
      // Only what cost much is here, one piece after the other: never many.
      for (const [other, until] of waitsUntil) if (until <= time) waitsUntil.delete(other);
    },
  };
}
