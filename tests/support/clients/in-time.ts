/** No client waits longer for an answer: what takes so long is a hang. */
export const answerDeadlineMs = 60_000;

/** @throws {Error} naming `what` when it takes too long. */
export async function inTime<T>(
  what: string,
  promise: Promise<T>,
  deadlineMs = answerDeadlineMs,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms: ${what}`)), deadlineMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
