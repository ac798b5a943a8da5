import { deliveries, keyOf, outOfOrder } from "./deliveries.ts";
import type { History } from "./history.ts";
import { orderIn, percentile, silenceOf } from "./figures.ts";
import type { Outcome } from "./feature.ts";
import { type Wait, machineMs, netMs, netWaits } from "./machine.ts";
import type { Figures } from "./result.ts";

/*
 * Pure functions from a recorded history to what it breaks of the server's promises. Times are held against their
 * bounds net of what the machine may have added to them: see machine.ts.
 */

/** What a scenario adds to the promises that always hold. */
export interface Bounds {
  /**
   * All members saw one and the same order, as they do while Redis answers in time. Not for scenarios in which
   * replicas are apart.
   */
  oneOrder?: boolean;
  /** In the windows of a fault: acknowledgements at most, and for 99 of 100. */
  maxAckMs?: number;
  p99AckMs?: number;
  /** In the windows of a fault: deliveries on one replica, for 99 of 100. */
  p99LocalMs?: number;
  /**
   * Redis hangs. A replica takes silence for a hang after 8 round trips (`deadlineRoundTrips` of src/platform/redis/connection-supervisor.ts),
   * on a late machine each of them late; but after 250 ms at most.
   */
  hang?: boolean;
  /** Nobody may be told of a gap: everything must have been recovered. */
  nobodyTold?: boolean;
}

export interface Verdict {
  figures: Figures;
  violations: string[];
}

const shownAtMost = 5;

/** The shortest deadline that a replica has for Redis (`minDeadlineMs` of src/platform/redis/connection-supervisor.ts). */
const redisDeadlineMs = 30;

/** Checks a history that is complete: every member has what it will ever get. @param outcomes those of features. */
export function check(history: History, bounds: Bounds = {}, outcomes: readonly Outcome[] = []): Verdict {
  const violations: string[] = [];
  const report = (what: string, found: string[]) => {
    if (found.length === 0) return;
    const more = found.length > shownAtMost ? ` and ${found.length - shownAtMost} more` : "";
    violations.push(`${what} (${found.length}): ${found.slice(0, shownAtMost).join(", ")}${more}`);
  };
  const { lost, told, doubled, unknown, delivered } = deliveries(history);
  const reordered = history.members.flatMap((member) => outOfOrder(member));
  report("message lost", lost);
  report("message delivered more than once", doubled);
  report("message that nobody sent", unknown);
  report("message out of its sender's order", reordered);
  report(
    "message never acknowledged",
    history.messages.filter((m) => m.acknowledgedAt === undefined).map(keyOf),
  );
  const otherOrders = bounds.oneOrder ? orderIn(history) : [];
  const notRecovered = bounds.nobodyTold ? told : [];
  // Order is promised while Redis answers in time. Replicas say that it did not, and the machine says why.
  const excused = bounds.oneOrder && history.early > 0 && wasLate(history);
  if (!excused) {
    report("member saw another order than the first", otherOrders);
    report("message not recovered", notRecovered);
  }
  for (const { broken } of outcomes) for (const [what, found] of broken) report(what, found);
  const reconnects = history.members.flatMap(({ connects }) => connects.slice(1));
  const { acks, local, machine } = waits(history, outcomes);
  const exceeds = (what: string, waits: Wait[], share: number, bound?: number, times = 1) => {
    if (bound === undefined) return;
    const ms = percentile(netWaits(history.rounds, waits, bound, times), share);
    if (ms > bound) violations.push(`${what}: ${ms.toFixed(0)} ms net of the machine's, bound ${bound} ms`);
  };
  exceeds("longest acknowledgement in the fault", acks, 1, bounds.maxAckMs);
  exceeds("acknowledgements in the fault, p99", acks, 0.99, bounds.p99AckMs);
  exceeds("local deliveries in the fault, p99", local, 0.99, bounds.p99LocalMs, bounds.hang ? 9 : 1);
  if (bounds.hang) exceeds("local deliveries in the hang, p99", local, 0.99, 300);
  for (const { what, maxMs, ...wait } of history.promised) {
    const [net, machine] = [netMs(history.rounds, wait), machineMs(history.rounds, wait)];
    if (net > maxMs)
      violations.push(
        `${what}: ${net.toFixed(0)} ms and ${machine.toFixed(0)} of the machine's, bound ${maxMs} ms`,
      );
  }
  return {
    violations,
    figures: {
      sent: history.messages.length,
      delivered,
      lost: lost.length,
      told: told.length,
      doubled: doubled.length,
      reordered: reordered.length,
      reconnects: reconnects.length,
      recovered: reconnects.filter(({ recovered }) => recovered).length,
      silenceMs: silenceOf(history),
      ackP99Ms: p99(acks),
      localP99Ms: p99(local),
      machineP99Ms: percentile(
        machine.map(({ lateMs }) => lateMs),
        0.99,
      ),
      ...Object.assign({}, ...outcomes.map(({ figures }) => figures)),
    },
  };
}

/** Whether the machine was late enough, after the first message, for a replica to miss its deadline for Redis. */
function wasLate({ rounds, messages }: History): boolean {
  const from = messages[0]?.sentAt ?? Infinity;
  return rounds.some(({ to, lateMs }) => to > from && lateMs >= redisDeadlineMs);
}

function p99(waits: readonly Wait[]): number {
  return percentile(
    waits.map(({ from, to }) => to - from),
    0.99,
  );
}

/** Acknowledgements, local deliveries and rounds of the probe, of the times that count. */
function waits({ messages, windows, members, rounds }: History, outcomes: readonly Outcome[]) {
  const inWindow = (at: number) => windows.some(({ from, to }) => at >= from && at < to);
  const counts = (at: number) => windows.length === 0 || inWindow(at);
  const acks = [
    ...messages.map(({ sentAt, acknowledgedAt = Infinity }) => ({ from: sentAt, to: acknowledgedAt })),
    ...outcomes.flatMap(({ acks }) => acks),
  ].filter(({ from }) => counts(from));
  const sentAt = new Map(messages.map((message) => [keyOf(message), message.sentAt]));
  const local = members.flatMap(({ deliveries }) =>
    deliveries.flatMap((delivery) => {
      const from = sentAt.get(keyOf(delivery));
      return delivery.local && from !== undefined && counts(from) ? [{ from, to: delivery.at }] : [];
    }),
  );
  return { acks, local, machine: rounds.filter(({ from }) => counts(from)) };
}
