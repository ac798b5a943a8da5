import { afterInput } from "./after-input.ts";

export class DeadlineMissed extends Error {}

/**
 * The work's outcome, or a rejection after `ms`. The deadline is checked once more after pending input
 * was read, so that a pause of this process is not blamed on the other side.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let cancel = () => {};
  const missed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      cancel = afterInput(() => reject(new DeadlineMissed(`no answer within ${Math.round(ms)} ms`)));
    }, ms);
  });
  // Whatever becomes of the work after the deadline, somebody listens.
  work.catch(() => undefined);
  return Promise.race([work, missed]).finally(() => {
    clearTimeout(timer);
    cancel();
  });
}
