/** Random numbers that a seed repeats, so that a failed run can be run again. */
export interface Random {
  /** A number from `min` up to, but not including, `max`. */
  between: (min: number, max: number) => number;
  /** A whole number below `count`. */
  index: (count: number) => number;
  pick: <T>(items: readonly T[]) => T;
}

/** Mulberry32: small, fast, good enough to choose faults with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    between: (min, max) => min + next() * (max - min),
    index: (count) => Math.floor(next() * count),
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new Error("nothing to choose from");
      return items[Math.floor(next() * items.length)] as T;
    },
  };
}
