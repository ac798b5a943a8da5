/** Runs work as it comes, at most `max` at a time; the rest waits for its turn, in order. */
export function createTurns(max: number) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // Hands its turn on, so that a caller who comes now does not overtake those who wait.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
