/**
 * Counts the requests of each connection in one turn of the event loop. Bun hands over all requests of a piece of
 * 512 KB at once, and closes a connection whose client sends another one while an answer is not ready.
 *
 * @param maxPipelined requests that may be behind the first.
 * @returns whether the request is past the bound: its answer must not be ready in this turn, so that Bun closes the
 *   connection if still more requests are behind it.
 */
export function countRequestsOfTurn(maxPipelined: number, onRefused: (reason: string) => void) {
  const counts = new Map<string, number>();

  return (client: { address: string; port: number } | null): boolean => {
    if (!client) return false;
    const key = `${client.address} ${client.port}`;
    if (counts.size === 0) setImmediate(() => counts.clear());
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count === maxPipelined + 2) onRefused("pipelining");
    return count > maxPipelined + 1;
  };
}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
