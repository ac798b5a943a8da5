/*
 * Counts the timers of this process, alike on all runtimes, and moves its clock. Imported before everything whose
 * timers are to be counted.
 */

interface Timer {
  refresh?: () => unknown;
}
type Start = (callback: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) => Timer;

const live = new Set<unknown>();
let movedMs = 0;

function counted(start: Start, isOnce: boolean): Start {
  const own: Start = (callback, ms, ...values) => {
    const timer = start(
      (...given) => {
        if (isOnce) live.delete(timer);
        callback(...given);
      },
      ms,
      ...values,
    );
    live.add(timer);
    const { refresh } = timer;
    // engine.io starts a timer that is over again.
    if (refresh)
      timer.refresh = () => {
        live.add(timer);
        return refresh.call(timer);
      };
    return timer;
  };
  // What else belongs to the function, such as its form with a promise.
  return Object.setPrototypeOf(own, start) as Start;
}

function forgotten(clear: (timer: unknown) => void) {
  return (timer: unknown) => {
    live.delete(timer);
    clear(timer);
  };
}

const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
Object.assign(globalThis, {
  setTimeout: counted(setTimeout as unknown as Start, true),
  setInterval: counted(setInterval as unknown as Start, false),
  clearTimeout: forgotten(clearTimeout as (timer: unknown) => void),
  clearInterval: forgotten(clearInterval as (timer: unknown) => void),
});

const now = Date.now.bind(Date);
Date.now = () => now() + movedMs;

/** Timers that are neither over nor cleared. */
export const timers = (): number => live.size;

/** From now on `Date.now` is so much later: windows that are over by then can be swept. */
export function moveClock(ms: number): void {
  movedMs += ms;
}
