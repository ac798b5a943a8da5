import type { BroadcastOptions } from "socket.io-adapter";
import { createSampler } from "../shared/sampler.ts";
import { afterInput } from "./after-input.ts";

export interface Broadcast<P> {
  packet: P;
  options: BroadcastOptions;
}

export interface InFlightOptions<P> {
  /** What waits longer than this for the stream is delivered early. */
  deadlineMs: number;
  /** Delivers before its turn in the stream. */
  deliver: (broadcast: Broadcast<P>) => void;
  /** Given what `deliver` throws: one event that can't be delivered must not keep the others back. */
  onFailed: (error: unknown) => void;
  /** Told when all that was delivered early has come back from the stream, or never will. */
  onSettled: () => void;
  /** Told how long one waited, of a sample. */
  onWaited?: (waitedMs: number) => void;
  now?: () => number;
}

export type InFlight<P> = ReturnType<typeof createInFlight<P>>;

const sweepEveryMs = 10;
const sampleEveryMs = 1;
/** Of those delivered early so many are kept: more than a moment's pause, where they are needed, brings. */
const maxEarlyKept = 1000;

/**
 * Broadcasts that were published and not yet read back. Nothing waits here past the deadline: what
 * the stream does not bring back in time is delivered early, out of the stream's order, and skipped
 * when it comes.
 *
 * Bounded by whoever adds: each number is either `met` or told to `drop`.
 */
export function createInFlight<P>(options: InFlightOptions<P>) {
  const { deadlineMs, deliver, onFailed, onSettled, onWaited, now = () => performance.now() } = options;
  const isSampled = createSampler(sampleEveryMs);
  // Both in order of publication, so the oldest is always first.
  const waiting = new Map<number, Broadcast<P> & { until: number }>();
  const early = new Map<number, Broadcast<P> | undefined>();
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  function deliverOverdue(): void {
    timer = undefined;
    const at = now();
    for (const [number, { until }] of waiting) {
      if (until > at) break;
      deliverNow(number);
    }
    schedule();
  }

  function schedule(): void {
    if (timer || waiting.size === 0) return;
    timer = setTimeout(() => afterInput(deliverOverdue), sweepEveryMs);
  }

  function deliverNow(number: number): void {
    const broadcast = waiting.get(number);
    if (!broadcast) return;
    waiting.delete(number);
    early.set(number, early.size < maxEarlyKept ? broadcast : undefined);
    noteWait(broadcast.until);
    try {
      deliver(broadcast);
    } catch (error) {
      onFailed(error);
    }
  }

  function noteWait(until: number): void {
    const at = now();
    if (onWaited && isSampled(at)) onWaited(at - until + deadlineMs);
  }

  return {
    /** A number for what is published next, whether or not it is added here. */
    nextNumber: (): number => (count += 1),

    /** @returns its number. */
    add(packet: P, options: BroadcastOptions, number: number = (count += 1)): number {
      waiting.set(number, { packet, options, until: now() + deadlineMs });
      schedule();
      return number;
    },

    /** The stream brought it back: true if it is still to be delivered. */
    met(number: number): boolean {
      // Those before it will never come, as when Redis was emptied with them in it: their turn is now, or they
      // would be delivered after what was sent later.
      for (const passed of waiting.keys()) {
        if (passed >= number) break;
        deliverNow(passed);
      }
      const due = waiting.get(number);
      if (due) noteWait(due.until);
      waiting.delete(number);
      const wasUnsettled = early.size > 0;
      early.delete(number);
      // Those before it will never come.
      for (const passed of early.keys()) {
        if (passed > number) break;
        early.delete(passed);
      }
      if (wasUnsettled && early.size === 0) onSettled();
      return due !== undefined;
    },

    /** It is not to be delivered, if it was not yet. */
    forget: (number: number): boolean => waiting.delete(number),

    /** It will not come, and is not to be delivered (again). */
    drop(number: number): void {
      waiting.delete(number);
      if (early.delete(number) && early.size === 0) onSettled();
    },

    deliverNow,

    /** Delivers all that waits, so that what comes next does not overtake it. */
    deliverAll(): void {
      clearTimeout(timer);
      timer = undefined;
      for (const number of waiting.keys()) deliverNow(number);
    },

    /** Whether everything was delivered in the stream's order, as far as the stream was read. */
    isSettled: () => early.size === 0,

    /** What was delivered early and did not come back yet, in order; undefined when that is too much. */
    early(): Broadcast<P>[] | undefined {
      const kept = [...early.values()].filter((broadcast) => broadcast !== undefined);
      return kept.length === early.size ? kept : undefined;
    },
  };
}
