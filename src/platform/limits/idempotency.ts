/**
 * Remembers ids for a while, so that what is sent again is applied once. It knows what came through
 * this process; what came through another replica is noticed where it is published.
 */
export interface Once<T> {
  /**
   * Does `work` the first time an id comes. Who comes again, during it or later, gets the same outcome:
   * nobody is told that it is done before it is. Work that fails may be tried again.
   */
  do(id: string, work: () => Promise<T>): Promise<T>;
}

const maxIds = 20_000;

/** Remembers the newest ids of this process. */
export function createMemoryOnce<T>(): Once<T> {
  const outcomes = new Map<string, Promise<T>>();
  return {
    do(id, work) {
      const known = outcomes.get(id);
      if (known) return known;
      const outcome = work().catch((error: unknown) => {
        outcomes.delete(id);
        throw error;
      });
      outcomes.set(id, outcome);
      for (const oldest of outcomes.keys()) {
        if (outcomes.size <= maxIds) break;
        outcomes.delete(oldest);
      }
      return outcome;
    },
  };
}
