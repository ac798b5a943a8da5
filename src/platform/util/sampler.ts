/**
 * Whether to take a sample now: at most one in `everyMs`, so that what happens 100,000 times a second is measured
 * for the price of looking at the clock.
 */
export function createSampler(everyMs: number): (nowMs: number) => boolean {
  let nextAtMs = -Infinity;
  return (nowMs) => {
    if (nowMs < nextAtMs) return false;
    nextAtMs = nowMs + everyMs;
    return true;
  };
}
