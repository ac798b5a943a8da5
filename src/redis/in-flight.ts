import type { BroadcastOptions } from "socket.io-adapter";
const sweepEveryMs = 10;

type Deliver<P> = (packet: P, options: BroadcastOptions) => void;

/**
 * Broadcasts that were published and not yet read back. Nothing waits here past the deadline: what
 * the stream does not bring back in time is delivered early, out of the stream's order, and skipped
 * when it comes.
 */
export function createInFlight<P>(
  deadlineMs: () => number,
  deliver: Deliver<P>,
  onSettled: () => void = () => {},
) {
  // Both in order of publication, so the oldest is always first.
  const waiting = new Map<number, { packet: P; options: BroadcastOptions; until: number }>();
  const early = new Set<number>();
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  function deliverOverdue(): void {
    timer = undefined;
    const now = performance.now();
    for (const [number, { until }] of waiting) {
      if (until > now) break;
      deliverNow(number);
    }
    schedule();
  }

  function schedule(): void {
    if (timer || waiting.size === 0) return;
    timer = setTimeout(deliverOverdue, sweepEveryMs);
  }

  function deliverNow(number: number): void {
    const broadcast = waiting.get(number);
    if (!broadcast) return;
    waiting.delete(number);
    early.add(number);
    deliver(broadcast.packet, broadcast.options);
  }

  return {
    add(packet: P, options: BroadcastOptions): number {
      count += 1;
      waiting.set(count, { packet, options, until: performance.now() + deadlineMs() });
      schedule();
      return count;
    },

    /** The stream brought it back: true if it is still to be delivered. */
    met(number: number): boolean {
      const isDue = waiting.delete(number);
      // Those before it were dropped and will never come.
      for (const passed of early) if (passed <= number) early.delete(passed);
      if (!isDue && early.size === 0) onSettled();
      return isDue;
    },

    /** It will not come, and is not to be delivered. */
    drop: (number: number): void => void waiting.delete(number),

    deliverNow,

    /** Delivers all that waits, so that what comes next does not overtake it. */
    deliverAll(): void {
      clearTimeout(timer);
      timer = undefined;
      for (const number of waiting.keys()) deliverNow(number);
    },

    /** Whether everything was delivered in the stream's order, as far as the stream was read. */
    isSettled: () => early.size === 0,
  };
}
