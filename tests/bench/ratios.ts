import { type Spread, spread } from "./figures.ts";

/** One figure of one contender, a value for each run: this tree's and the other commit's. */
export interface Runs {
  now: readonly number[];
  before: readonly number[];
}

/** One figure of one contender on this tree and on another commit. */
export interface Ratio {
  /** This tree's figure, divided by the other commit's. */
  ratio: Spread;
  /** How far the ratio may lie from 1 without meaning anything: 0.1 is 10 %. */
  margin: number;
  verdict: "better" | "worse" | "";
}

/**
 * The least margin: two runs of one commit may be equal by chance.
 *
 * Measured with `--against HEAD` on a clean tree, on 2 cores with a load of 14: of fan-out, hop-idle and start the
 * medians were 0.77 to 1.56, and the margins that the runs themselves showed 20 to 110 %. With two rounds or more
 * no median was outside its margin; with one round two of six were, so one round gives no verdict.
 */
export const leastMargin = 0.05;

/**
 * Of rates more is better, of all else (times, processor time, bytes) less; of amounts neither.
 *
 * @param amounts the scenario's figures that say how much was done.
 */
export function isBetterWhen(
  figure: string,
  amounts: readonly string[] = [],
): "higher" | "lower" | "neither" {
  if (amounts.includes(figure)) return "neither";
  return figure.endsWith("PerSecond") ? "higher" : "lower";
}

/**
 * Compares runs that were made in turn: now, before, now, before, now. Each run of the other commit is divided into the
 * mean of the two runs of this tree around it, so that a machine that gets slower or faster meanwhile cancels out.
 *
 * A verdict needs at least two rounds, a median beyond the margin, and each round on the same side of 1.
 *
 * @param runs of `now` one more than of `before`.
 * @param margin see `marginOf`.
 */
export function compare(
  { now, before }: Runs,
  better: ReturnType<typeof isBetterWhen>,
  margin: number,
): Ratio {
  const ratio = spread(
    before.map((value, round) => quotient(((now[round] ?? NaN) + (now[round + 1] ?? NaN)) / 2, value)),
  );
  const isLower = ratio.median < 1 / (1 + margin) && ratio.max < 1;
  const isHigher = ratio.median > 1 + margin && ratio.min > 1;
  if (better === "neither" || before.length < 2 || (!isLower && !isHigher))
    return { ratio, margin, verdict: "" };
  return { ratio, margin, verdict: isHigher === (better === "higher") ? "better" : "worse" };
}

/**
 * What one run shows for each commit against itself: the largest ratio between two neighbouring runs of one commit,
 * of all contenders. A median within this is no difference. Of all contenders, because one contender has too few
 * runs to show its spread.
 *
 * @param all the runs of one figure.
 */
export const marginOf = (all: readonly Runs[]): number =>
  Math.max(leastMargin, ...all.flatMap(({ now, before }) => [...distances(now), ...distances(before)]));

/** How far apart neighbours are: 0.1 when one is 10 % larger than the other. */
function distances(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => {
    const part = quotient(value, values[index] ?? NaN);
    return Math.max(part, 1 / part) - 1;
  });
}

/** Counts may be 0 on both sides, which is no difference. */
const quotient = (value: number, by: number) => (value === by ? 1 : value / by);
