/**
 * Remembers ids for a while, so that what is sent again is applied once. It knows what came through
 * this process; what came through another replica is noticed where it is published.
 */
export interface Once {
  /** True the first time an id is claimed, false after that. */
  claim(id: string): boolean;
}

const maxIds = 20_000;

/** Remembers the newest ids of this process. */
export function createMemoryOnce(): Once {
  const seen = new Set<string>();
  return {
    claim(id) {
      if (seen.has(id)) return false;
      seen.add(id);
      for (const oldest of seen) {
        if (seen.size <= maxIds) break;
        seen.delete(oldest);
      }
      return true;
    },
  };
}
