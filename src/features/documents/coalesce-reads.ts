/**
 * Shares one asynchronous read per key among all who ask for it at the same time.
 *
 * Whoever asks gets a read that starts after asking: a read already under way may miss what was
 * written since, so those who come during one share the next.
 */
export function coalesceReads<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const starting = new Map<string, Promise<T>>();
  const running = new Map<string, Promise<T>>();

  async function start(key: string): Promise<T> {
    // Everyone of this turn of the event loop, and everyone during a running read, comes along.
    await (running.get(key)?.catch(() => undefined) ?? new Promise((resolve) => setImmediate(resolve)));
    starting.delete(key);
    const reading = read(key).finally(() => running.delete(key));
    running.set(key, reading);
    return reading;
  }

  return (key) => {
    let next = starting.get(key);
    if (!next) starting.set(key, (next = start(key)));
    return next;
  };
}
