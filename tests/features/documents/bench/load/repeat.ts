import { createRandom } from "../../../../support/random.ts";

const tickMs = 5;

export interface Repetition {
  /** How many act, each on its own. */
  count: number;
  /** From one time to the next: between half and one and a half of this. */
  everyMs: number;
  seed: number;
  act: (index: number) => void;
}

/** Has each act again and again, the first times spread over `everyMs`. @returns what ends it. */
export function repeat({ count, everyMs, seed, act }: Repetition): () => void {
  const random = createRandom(seed);
  const startedAt = performance.now();
  const dueMs = Array.from({ length: count }, () => random.between(0, everyMs));
  const timer = setInterval(() => {
    const nowMs = performance.now() - startedAt;
    for (const [index, due] of dueMs.entries()) {
      if (due > nowMs) continue;
      // From when it was due, so that a late tick does not lower the rate.
      dueMs[index] = due + random.between(everyMs / 2, everyMs * 1.5);
      act(index);
    }
  }, tickMs);
  return () => clearInterval(timer);
}
