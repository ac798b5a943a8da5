import { Refusal } from "../util/errors.ts";

/** Code of a feature that the server no longer waits for. The client learns that, and no more. */
export class Overdue extends Refusal {
  readonly feature: string;

  /** @param what is waited for: "the handler of vote". */
  constructor(feature: string, what: string, ms: number) {
    super("unavailable", "the server took too long; try again later", {
      cause: new Error(`feature ${feature}: ${what} did not end within ${ms} ms`),
    });
    this.feature = feature;
  }
}

interface Pending {
  endsAt: number;
  end: () => void;
}

export type Within = ReturnType<typeof createHandlerDeadline>;

/**
 * Bounds how long the server waits for a feature's code: events of a socket wait for one another, so that one that never
 * ends would keep all later ones.
 *
 * One timer for all: on Deno a timer for each event takes 10 us, and this takes less than one. All have the same time,
 * so that the first in the set is the first to end.
 */
export function createHandlerDeadline(ms: number) {
  const pending = new Set<Pending>();
  let timer: NodeJS.Timeout | undefined;

  function watch(inMs: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      const now = performance.now();
      for (const each of pending) {
        if (each.endsAt > now) return watch(each.endsAt - now);
        pending.delete(each);
        each.end();
      }
    }, inMs);
    timer.unref();
  }

  /**
   * The work's outcome, or a rejection with `Overdue`; the work goes on then, and its outcome counts no more.
   * @param what is waited for, in words.
   */
  return function within<T>(work: T | Promise<T>, feature: string, what: string): T | Promise<T> {
    if (!(work instanceof Promise)) return work;
    return new Promise<T>((resolve, reject) => {
      const each = { endsAt: performance.now() + ms, end: () => reject(new Overdue(feature, what, ms)) };
      pending.add(each);
      if (!timer) watch(ms);
      const settle =
        <V>(outcome: (value: V) => void) =>
        (value: V) => {
          pending.delete(each);
          outcome(value);
        };
      work.then(settle(resolve), settle(reject));
    });
  };
}
