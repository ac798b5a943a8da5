import type { History } from "./history.ts";

/** The value that this share of all are at or below; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** The longest time without a delivery to a member, while messages were sent. */
export function silenceOf({ members, messages }: History): number {
  const lastSentAt = messages.at(-1)?.sentAt ?? 0;
  let longest = 0;
  for (const { deliveries } of members) {
    for (const [index, { at }] of deliveries.entries()) {
      const before = deliveries[index - 1]?.at;
      if (before !== undefined && before < lastSentAt) longest = Math.max(longest, at - before);
    }
  }
  return longest;
}

/** Members that saw messages in another order than the first member did, each with the first example. */
export function orderIn({ members: [first, ...others] }: History): string[] {
  if (!first) return [];
  const place = new Map(first.deliveries.map(({ sender, seq }, index) => [`${sender}:${seq}`, index]));
  return others.flatMap(({ name, deliveries }) => {
    let furthest = -1;
    for (const { sender, seq } of deliveries) {
      const index = place.get(`${sender}:${seq}`);
      if (index === undefined) continue;
      if (index < furthest) return [`${name} from ${first.name} at ${sender}:${seq}`];
      furthest = index;
    }
    return [];
  });
}
