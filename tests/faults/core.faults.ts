import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runtimes } from "../../deploy/local/replica.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/* The faults that `npm test` runs: a replica on each runtime, short faults. all.faults.ts has the others. */

const seed = 1;
const timeout = 300_000;

describe(`core faults, seed ${seed}`, () => {
  for (const scenario of scenarios.filter(({ core }) => core)) {
    test(scenario.title, { timeout }, async () => {
      const result = await runScenario({ scenario, seed, runtime: "mixed", runtimes, ci: true });
      assert.deepEqual(result.violations, []);
    });
  }
});
