/** The middle of several runs, and how far they lay apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 0.5), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Of sorted values, the nearest rank; the mean of the two middle ones for the median of an even number. */
export function percentile(sorted: readonly number[], part: number): number {
  if (sorted.length === 0) return NaN;
  if (part === 0.5 && sorted.length % 2 === 0) {
    const upper = sorted.length / 2;
    return ((sorted[upper - 1] ?? NaN) + (sorted[upper] ?? NaN)) / 2;
  }
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}
