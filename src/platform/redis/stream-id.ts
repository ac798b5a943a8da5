/** Of a message within an entry; the entry itself comes after all of its messages. */
type Position = [ms: number, sequence: number, index: number];

/**
 * Numbers are exact as long as Redis' clock is right within 200,000 years, and no millisecond has more than
 * 2^53 entries.
 */
function parse(id: string): Position {
  const [ms = "0", sequence = "0", index] = id.split("-");
  return [Number(ms), Number(sequence), index === undefined ? Infinity : Number(index)];
}

/**
 * Whether position `a` comes after `b`. A position is the id of an entry (`ms-sequence`), or of one message
 * of an entry that has several (`ms-sequence-index`).
 */
export function isAfter(a: string, b: string): boolean {
  const [aMs, aSequence, aIndex] = parse(a);
  const [bMs, bSequence, bIndex] = parse(b);
  if (aMs !== bMs) return aMs > bMs;
  return aSequence === bSequence ? aIndex > bIndex : aSequence > bSequence;
}

/** The id of the entry that a position is in. */
export function entryIdOf(position: string): string {
  const [ms, sequence] = position.split("-");
  return `${ms}-${sequence}`;
}

/** When Redis took an entry, by its own clock: milliseconds since the epoch. */
export function takenAtMs(position: string): number {
  return Number(position.slice(0, position.indexOf("-")));
}

/** The position of a message within an entry. */
export function positionIn(entryId: string, index: number): string {
  return `${entryId}-${index}`;
}

/** The smallest entry id after `id`. */
export function nextId(id: string): string {
  const [ms, sequence = "0"] = id.split("-");
  return `${ms}-${BigInt(sequence) + 1n}`;
}
