/**
 * Counts the connections that have not entered, by address. A request makes one and it is kept for seconds, so that
 * without a bound one client fills the memory with them.
 */
export function countEntering(maxOfAddress: number) {
  const counts = new Map<string, number>();

  return {
    mayOpen: (address: string): boolean => (counts.get(address) ?? 0) < maxOfAddress,
    /** @returns what must be called once, when the connection has entered or is closed. */
    add(address: string): () => void {
      counts.set(address, (counts.get(address) ?? 0) + 1);
      return () => {
        const left = (counts.get(address) ?? 0) - 1;
        if (left > 0) counts.set(address, left);
        else counts.delete(address);
      };
    },
    total: (): number => counts.values().reduce((sum, count) => sum + count, 0),
  };
}
