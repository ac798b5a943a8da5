import * as fc from "fast-check";
import { answerDeadlineMs, inTime } from "../support/clients/in-time.ts";

/** How often attackers were answered in which way. */
export type Outcomes = Map<string, number>;

export interface FuzzOptions {
  seed: number;
  cases: number;
  /** Where in the sequence of this seed to start: what a failure printed. */
  path?: string | undefined;
  /** Cases under way at once. */
  batch?: number;
}

export function add(outcomes: Outcomes, outcome: string, count = 1): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
}

/**
 * Sends so many cases, always the same for a seed.
 *
 * @param send resolves with a short word for the answer; rejects when it is none that the contract knows.
 * @throws {Error} with the case, and the seed and path to send it again.
 */
export async function fuzz<T>(
  { seed, cases, path, batch = 16 }: FuzzOptions,
  arbitrary: fc.Arbitrary<T>,
  send: (item: T) => Promise<string>,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const property = fc.asyncProperty(
    fc.array(arbitrary, { minLength: batch, maxLength: batch }),
    async (items) => {
      await Promise.all(items.map(async (item) => add(outcomes, await sendOne(item, send))));
    },
  );
  const result = await fc.check(property, {
    seed,
    numRuns: Math.ceil(cases / batch),
    // The error names the one case of the batch: nothing is left to be found by making the batch smaller.
    endOnFailure: true,
    ...(path !== undefined && { path }),
  });
  if (result.failed) {
    const { errorInstance } = result as { errorInstance?: Error };
    throw new Error(`--seed ${seed} --path ${result.counterexamplePath}: ${errorInstance?.message}`, {
      cause: errorInstance,
    });
  }
  return outcomes;
}

/** Sends given cases, one after the other: those that once did harm. */
export async function replay<T>(items: readonly T[], send: (item: T) => Promise<string>): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  for (const item of items) add(outcomes, await sendOne(item, send));
  return outcomes;
}

async function sendOne<T>(item: T, send: (item: T) => Promise<string>): Promise<string> {
  try {
    return await inTime("the whole case", send(item), 2 * answerDeadlineMs);
  } catch (cause) {
    const text = fc.stringify(item);
    const shown = text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text;
    throw new Error(`${(cause as Error).message}\n  case: ${shown}`, { cause });
  }
}

export function sum(all: readonly Outcomes[]): Outcomes {
  const total: Outcomes = new Map();
  for (const outcomes of all) for (const [outcome, count] of outcomes) add(total, outcome, count);
  return total;
}

export function count(outcomes: Outcomes): number {
  return [...outcomes.values()].reduce((total, each) => total + each, 0);
}
