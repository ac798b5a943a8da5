/** How far apart two numbers of one publisher may be and the missing ones still be accepted late. */
const maxMissing = 1000;
const maxPublishers = 1000;

export type Verdict = "new" | "repeated" | "after-a-gap";

/**
 * Tells for each entry of the stream whether it was seen before, and whether entries of the same
 * publisher are missing before it. Bounded: the publisher heard of longest ago is forgotten first.
 */
export function createSequences() {
  const publishers = new Map<string, { last: number; missing: Set<number> }>();
  /** Heard of last: in its place already. */
  let latest: string | undefined;

  return {
    /** Whether something of this publisher was read before. */
    knows: (publisher: string): boolean => publishers.has(publisher),

    judge(publisher: string, sequence: number): Verdict {
      const known = publishers.get(publisher);
      if (publisher !== latest) {
        publishers.delete(publisher);
        publishers.set(publisher, known ?? { last: sequence, missing: new Set() });
        latest = publisher;
      }
      if (!known) {
        for (const oldest of publishers.keys()) {
          if (publishers.size <= maxPublishers) break;
          publishers.delete(oldest);
        }
        return "new";
      }
      if (sequence <= known.last) return known.missing.delete(sequence) ? "new" : "repeated";
      const from = Math.max(known.last + 1, sequence - maxMissing);
      for (let number = from; number < sequence; number += 1) known.missing.add(number);
      const verdict = sequence === known.last + 1 ? "new" : "after-a-gap";
      known.last = sequence;
      while (known.missing.size > maxMissing)
        for (const oldest of known.missing) {
          known.missing.delete(oldest);
          break;
        }
      return verdict;
    },
  };
}
