import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { groupTimeoutMs } from "../support/timeout.ts";
import { readBaseline } from "./report.ts";
import type { GoalResult } from "./results.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/* A short bench against a committed one: a ratio must not fall by more than a third. */

const attempts = 3;
/** What is compared with here comes with the project; the others are installed by the whole benchmark. */
const against = ["Trimaran", "Socket.IO on", "streams adapter on node"];

/** How much worse a ratio is than the committed one: 1.5 is a fall by a third. */
function decline({ measured, bound }: GoalResult, committed: GoalResult): number {
  const change = measured.median / committed.measured.median;
  return bound.startsWith("at least") ? 1 / change : change;
}

describe("speed is kept", { timeout: groupTimeoutMs * 2 }, () => {
  const report = readBaseline();
  for (const scenario of scenarios.filter(({ ci }) => ci)) {
    test(scenario.title, async () => {
      const committed = report?.scenarios.find(({ name }) => name === scenario.name)?.goals ?? [];
      assert.ok(committed.length > 0, "there are results to compare with: npm run bench -- --baseline");
      let fallen: string[] = [];
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const { goals } = await runScenario(scenario, {
          quick: true,
          seed: 1,
          rounds: 1,
          against,
          onProgress: (text) => console.log(text),
        });
        const compared = goals.flatMap((goal) => {
          const before = committed.find(({ title }) => title === goal.title);
          return before && goal.isRatio ? [{ goal, before, factor: decline(goal, before) }] : [];
        });
        assert.ok(compared.length > 0, "some ratios are in both");
        fallen = compared
          .filter(({ factor }) => !(factor <= 1.5))
          .map(
            ({ goal, before, factor }) =>
              `${goal.title}: ${goal.measured.median}, was ${before.measured.median} (${factor.toFixed(2)}x worse)`,
          );
        if (fallen.length === 0) return;
      }
      assert.deepEqual(fallen, []);
    });
  }
});
