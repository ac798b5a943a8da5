import type { BroadcastOptions } from "socket.io-adapter";
import { deadlineMs } from "./link.ts";

type Deliver<P> = (packet: P, options: BroadcastOptions) => void;

/**
 * Broadcasts that were published and not yet read back. Nothing waits here past the deadline: what
 * the stream does not bring back in time is delivered anyway, and skipped if it comes later.
 */
export function createInFlight<P>(deliver: Deliver<P>) {
  // In order of publication, so the oldest is always first.
  const waiting = new Map<number, { packet: P; options: BroadcastOptions; until: number }>();
  let sequence = 0;
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
    timer = setTimeout(deliverOverdue, deadlineMs / 5);
  }

  function deliverNow(number: number): void {
    const broadcast = waiting.get(number);
    if (!broadcast) return;
    waiting.delete(number);
    deliver(broadcast.packet, broadcast.options);
  }

  return {
    add(packet: P, options: BroadcastOptions): number {
      sequence += 1;
      waiting.set(sequence, { packet, options, until: performance.now() + deadlineMs });
      schedule();
      return sequence;
    },
    /** The stream brought it back: true if it is still to be delivered. */
    met: (number: number): boolean => waiting.delete(number),
    deliverNow,
    /** Delivers all that waits, so that what comes next does not overtake it. */
    deliverAll(): void {
      clearTimeout(timer);
      timer = undefined;
      for (const number of waiting.keys()) deliverNow(number);
    },
  };
}
