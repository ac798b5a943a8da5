import { deliveries, keyOf, outOfOrder } from "./deliveries.ts";
import type { History } from "./history.ts";
import { orderIn, percentile, silenceOf } from "./figures.ts";

/* Pure functions from a recorded history to what it breaks of the server's promises. */

/** What a scenario adds to the promises that always hold. */
export interface Bounds {
  /**
   * All members saw one and the same order. Not while replicas are apart; and where a busy machine made
   * Redis late, what was delivered early for that is the figure past its bound.
   */
  oneOrder?: boolean;
  /** In the windows of a fault: acknowledgements at most, and for 99 of 100. */
  maxAckMs?: number;
  p99AckMs?: number;
  /** In the windows of a fault: deliveries on one replica, for 99 of 100. */
  p99LocalMs?: number;
  /** Nobody may be told of a gap: everything must have been recovered. */
  nobodyTold?: boolean;
}

export interface Figures {
  sent: number;
  delivered: number;
  lost: number;
  /** Missing, but the client knows: it was not recovered, or told to resync. */
  told: number;
  doubled: number;
  reordered: number;
  tokens: number;
  /** Connects after the first of each member, and how many of them the server called recovered. */
  reconnects: number;
  recovered: number;
  /** Longest time in which a member was sent nothing. */
  silenceMs: number;
  ackP99Ms: number;
  localP99Ms: number;
}

export interface Verdict {
  figures: Figures;
  violations: string[];
}

const shownAtMost = 5;

/** Checks a history that is complete: everyone has what they will ever get. */
export function check(history: History, bounds: Bounds = {}): Verdict {
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
  // Where Redis was to answer all the time and did not, the machine paused: that is what is told then.
  if (bounds.oneOrder && history.early > 0 && otherOrders.length + notRecovered.length > 0) {
    violations.push(`delivered before their turn in the stream: ${history.early} events, bound 0 events`);
  } else {
    report("member saw another order than the first", otherOrders);
    report("message not recovered", notRecovered);
  }
  for (const [what, found] of documents(history)) report(what, found);
  const reconnects = history.members.flatMap(({ connects }) => connects.slice(1));
  const { maxMs, p99Ms, localP99Ms } = waits(history);
  const exceeds = (what: string, ms: number, bound?: number) => {
    if (bound !== undefined && ms > bound) violations.push(`${what}: ${ms.toFixed(0)} ms, bound ${bound} ms`);
  };
  exceeds("longest acknowledgement in the fault", maxMs, bounds.maxAckMs);
  exceeds("acknowledgements in the fault, p99", p99Ms, bounds.p99AckMs);
  exceeds("local deliveries in the fault, p99", localP99Ms, bounds.p99LocalMs);
  return {
    violations,
    figures: {
      sent: history.messages.length,
      delivered,
      lost: lost.length,
      told: told.length,
      doubled: doubled.length,
      reordered: reordered.length,
      tokens: history.tokens.length,
      reconnects: reconnects.length,
      recovered: reconnects.filter(({ recovered }) => recovered).length,
      silenceMs: silenceOf(history),
      ackP99Ms: p99Ms,
      localP99Ms,
    },
  };
}

function documents({ documents, tokens }: History): [what: string, found: string[]][] {
  const acknowledged = tokens.filter((token) => token.acknowledgedAt !== undefined);
  const lacking = documents.flatMap(({ where, text }) => {
    const words = new Set(text.split(" "));
    return acknowledged.filter((token) => !words.has(token.text)).map((token) => `${token.text} at ${where}`);
  });
  const [first, ...others] = documents;
  const different = others
    .filter(({ stateVector, text }) => stateVector !== first?.stateVector || text !== first.text)
    .map(({ where }) => `${where} from ${first?.where}`);
  const unsaved = tokens.filter((token) => token.acknowledgedAt === undefined).map(({ text }) => text);
  return [
    ["acknowledged edit is not in the document", lacking],
    ["document differs", different],
    ["edit never acknowledged", unsaved],
  ];
}

function waits({ messages, tokens, windows, members }: History) {
  const inWindow = (at: number) => windows.some(({ from, to }) => at >= from && at < to);
  const counts = (at: number) => windows.length === 0 || inWindow(at);
  const acks = [
    ...messages.map(({ sentAt, acknowledgedAt }) => [sentAt, acknowledgedAt] as const),
    ...tokens.map(({ typedAt, acknowledgedAt }) => [typedAt, acknowledgedAt] as const),
  ].flatMap(([from, to]) => (counts(from) ? [(to ?? Infinity) - from] : []));
  const sentAt = new Map(messages.map((message) => [keyOf(message), message.sentAt]));
  const local = members.flatMap(({ deliveries }) =>
    deliveries.flatMap((delivery) => {
      const from = sentAt.get(keyOf(delivery));
      return delivery.local && from !== undefined && counts(from) ? [delivery.at - from] : [];
    }),
  );
  return {
    maxMs: Math.max(0, ...acks),
    p99Ms: percentile(acks, 0.99),
    localP99Ms: percentile(local, 0.99),
  };
}
