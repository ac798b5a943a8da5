/** One line of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * Reads the samples of the text format 0.0.4, as prom-client writes it; comments, timestamps and lines of any other
 * shape are passed over.
 */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const [, name, labels = "", value = ""] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
    samples.push({
      name,
      labels: Object.fromEntries(pairs.map(([, key = "", quoted = ""]) => [key, quoted])),
      value: value === "+Inf" ? Infinity : Number(value),
    });
  }
  return samples;
}

/** Over all its labels. @returns 0 if there is none of that name. */
export function sumOf(samples: readonly Sample[], name: string): number {
  return samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
}

/** Cumulative counts by upper bound, over all other labels. */
export type Buckets = Map<number, number>;

export function bucketsOf(samples: readonly Sample[], histogram: string): Buckets {
  const buckets: Buckets = new Map();
  for (const { name, labels, value } of samples) {
    if (name !== `${histogram}_bucket`) continue;
    const bound = labels["le"] === "+Inf" ? Infinity : Number(labels["le"]);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  return buckets;
}

/** What was counted between two readings; all of the later one if the process began anew in between. */
export function bucketsSince(earlier: Buckets, later: Buckets): Buckets {
  const total = (buckets: Buckets) => buckets.get(Infinity) ?? 0;
  if (total(later) < total(earlier)) return later;
  return new Map([...later].map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)]));
}

/**
 * As Prometheus' `histogram_quantile`: evenly spread within a bucket; the last finite bound for what is above it.
 * @returns undefined if nothing was counted.
 */
export function quantile(buckets: Buckets, q: number): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const total = sorted.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  let lowerBound = 0;
  let below = 0;
  for (const [bound, count] of sorted) {
    if (count >= rank) {
      if (bound === Infinity) return lowerBound;
      return lowerBound + ((bound - lowerBound) * (rank - below)) / (count - below || 1);
    }
    lowerBound = bound;
    below = count;
  }
  return lowerBound;
}
