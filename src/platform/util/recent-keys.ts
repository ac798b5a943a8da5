/** The newest `max` keys that were added. */
export function createRecentKeys(max: number, first: Iterable<string> = []) {
  const keys = new Set<string>(first);
  return {
    has: (key: string): boolean => keys.has(key),
    add(key: string): void {
      keys.add(key);
      for (const oldest of keys) {
        if (keys.size <= max) break;
        keys.delete(oldest);
      }
    },
  };
}
