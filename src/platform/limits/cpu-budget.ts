/** Bounds how long one key may keep everybody else waiting: what it makes the processor do in one piece. */
export interface CpuBudget {
  /** How long the key has to wait; 0 when it need not. */
  waitMs: (key: string) => number;
  /** Counts what the key made this process do. */
  charge: (key: string, costMs: number) => void;
}

export interface CpuBudgetOptions {
  /** The part of the processor's time that one key may have. */
  share: number;
  /** What may be had at once; it comes back with the share. */
  burstMs: number;
  now?: () => number;
}

/** Not worth counting. */
const freeMs = 5;

/** At a share of a tenth, whoever costs 500 ms past the burst waits for 5 s; others don't. */
export function createCpuBudget({
  share,
  burstMs,
  now = () => performance.now(),
}: CpuBudgetOptions): CpuBudget {
  /** When all that a key cost will be paid. */
  const paidAt = new Map<string, number>();

  return {
    waitMs: (key) => Math.max(0, Math.ceil((paidAt.get(key) ?? 0) - burstMs / share - now())),
    charge(key, costMs) {
      if (costMs <= freeMs) return;
      const time = now();
      const from = Math.max(time, paidAt.get(key) ?? 0);
      paidAt.set(key, from + costMs / share);
      // Only what cost something is here, one piece after the other: never many.
      for (const [other, until] of paidAt) if (until <= time) paidAt.delete(other);
    },
  };
}
