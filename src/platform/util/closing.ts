/** How long one part may take to close. */
const deadlineMs = 5000;

interface Part {
  name: string;
  close: () => unknown;
}

/**
 * What was opened, to be closed in reverse. A part that throws while it closes, or takes longer than 5 s, does not keep
 * the others from being closed.
 */
export function createClosing(onFailed: (part: string, error: unknown) => void) {
  const parts: Part[] = [];

  return {
    add(name: string, close: Part["close"]): void {
      parts.push({ name, close });
    },
    /**
     * Waits for parts that close asynchronously, and for no other: as far as there are none, all is closed on return.
     *
     * @throws {Error} when all others are closed, with the names of those that failed.
     */
    async close(): Promise<void> {
      const failed: string[] = [];
      for (const { name, close } of parts.splice(0).toReversed()) {
        try {
          const closed = close();
          if (closed instanceof Promise) await withinDeadline(closed);
        } catch (error) {
          failed.push(name);
          onFailed(name, error);
        }
      }
      if (failed.length > 0) throw new Error(`could not be closed: ${failed.join(", ")}`);
    },
  };
}

export type Closing = ReturnType<typeof createClosing>;

async function withinDeadline(closed: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not closed within ${deadlineMs} ms`)), deadlineMs);
  await Promise.race([closed, late.promise]).finally(() => clearTimeout(timer));
}
