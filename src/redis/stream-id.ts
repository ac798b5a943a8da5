function split(id: string): [bigint, bigint] {
  const [ms = "0", sequence = "0"] = id.split("-");
  return [BigInt(ms), BigInt(sequence)];
}

/** Whether stream id `a` comes after `b`. */
export function isAfter(a: string, b: string): boolean {
  const [aMs, aSequence] = split(a);
  const [bMs, bSequence] = split(b);
  return aMs > bMs || (aMs === bMs && aSequence > bSequence);
}

/** The smallest id after `id`. */
export function nextId(id: string): string {
  const [ms, sequence] = split(id);
  return `${ms}-${sequence + 1n}`;
}
