/**
 * Remembers ids for a while, so that what is sent again is applied once.
 * MUST reject within its deadline when it can't answer.
 */
export interface Once {
  /** True the first time an id is claimed, false after that. */
  claim(id: string): Promise<boolean>;
}

const maxIds = 20_000;

/** Remembers the newest ids of this process. */
export function createMemoryOnce(): Once {
  const seen = new Set<string>();
  return {
    async claim(id) {
      if (seen.has(id)) return false;
      seen.add(id);
      if (seen.size > maxIds) for (const oldest of seen) return seen.delete(oldest);
      return true;
    },
  };
}

/** Asks `shared` first, and goes by what this process remembers while that is away. */
export function createSharedOnce(shared: Once): Once {
  const memory = createMemoryOnce();
  return {
    async claim(id) {
      const firstHere = await memory.claim(id);
      const firstAnywhere = await shared.claim(id).catch(() => firstHere);
      return firstHere && firstAnywhere;
    },
  };
}
