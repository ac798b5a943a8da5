import type { History, Member } from "./history.ts";

/** Names a message, wherever it turns up. */
export const keyOf = ({ sender, seq }: { sender: string; seq: number }) => `${sender}:${seq}`;

/** Acknowledged messages that a member lacks without knowing it. */
export function missing(history: History): string[] {
  return deliveries(history).lost;
}

/** @returns whether every member has the messages that are acknowledged now, but those that it knows it lacks. */
export function hasAllSent({ members, messages }: History): () => boolean {
  const owed = messages.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined);
  const lacking = members.map((member) => ({
    member,
    left: new Map(owed.map((each) => [keyOf(each), each])),
    next: 0,
  }));
  return () =>
    lacking.every((each) => {
      const { member, left } = each;
      // Asked many times a second beside the load: only what came since the last time is looked at.
      for (; each.next < member.deliveries.length; each.next += 1) {
        const delivery = member.deliveries[each.next];
        if (delivery) left.delete(keyOf(delivery));
      }
      const toldAt = lastTold(member);
      return left.values().every(({ sentAt }) => sentAt <= toldAt);
    });
}

/** What became of every message at every member. */
export function deliveries({ members, messages }: History) {
  const sent = new Set(messages.map(keyOf));
  const result = {
    lost: [] as string[],
    told: [] as string[],
    doubled: [] as string[],
    unknown: [] as string[],
    delivered: 0,
  };
  for (const member of members) {
    const seen = new Set<string>();
    for (const delivery of member.deliveries) {
      const key = keyOf(delivery);
      if (seen.has(key)) result.doubled.push(`${key} at ${member.name}`);
      else if (sent.has(key)) result.delivered += 1;
      else result.unknown.push(`${key} at ${member.name}`);
      seen.add(key);
    }
    const toldAt = lastTold(member);
    for (const message of messages) {
      if (message.acknowledgedAt === undefined || seen.has(keyOf(message))) continue;
      const list = toldAt >= message.sentAt ? result.told : result.lost;
      list.push(`${keyOf(message)} at ${member.name}`);
    }
  }
  return result;
}

/** Up to when the member knows that it may have missed something; its first connect tells nothing. */
function lastTold({ connects, resyncs }: Member): number {
  const unrecovered = connects.slice(1).filter(({ recovered }) => !recovered);
  return Math.max(
    -Infinity,
    ...unrecovered.map(({ at, joinedAt = at }) => joinedAt),
    ...resyncs.map(({ at }) => at),
  );
}

/** Deliveries that came after later ones of the same sender. */
export function outOfOrder({ name, deliveries }: Member): string[] {
  const newest = new Map<string, number>();
  const seen = new Set<string>();
  return deliveries.flatMap((delivery) => {
    const { sender, seq } = delivery;
    // A double is counted as such, and not once more here.
    if (seen.has(keyOf(delivery))) return [];
    seen.add(keyOf(delivery));
    const before = newest.get(sender) ?? 0;
    newest.set(sender, Math.max(before, seq));
    return seq < before ? [`${keyOf(delivery)} after ${before} at ${name}`] : [];
  });
}
