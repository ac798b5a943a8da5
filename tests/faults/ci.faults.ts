import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import "../support/requirements.ts";
import { printResult } from "./report.ts";
import { type Result, runScenario } from "./run-scenario.ts";
import { sabotages } from "./sabotage.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/*
 * The short part of the fault suite that continuous integration runs: a replica on each runtime, short
 * faults. Not named `*.test.ts`, so that it runs only where it is asked for.
 */

/** Always the same faults here; `main.ts` without `--seed` looks for new ones. */
const seed = 1;
const timeout = 180_000;
/** A figure past its bound may be the fault of a busy machine, and is measured again so often. */
const measurements = 3;

async function run(scenario: Scenario): Promise<Result> {
  const result = await runScenario({ scenario, seed, runtime: "mixed", runtimes, ci: true });
  printResult(result);
  return result;
}

/** Anything lost, doubled, out of order or dead is never measured again. */
function isOnlyPastBounds({ violations }: Result): boolean {
  return (
    violations.length > 0 && violations.every((violation) => /, bound [\d.]+ (ms|%|MB)$/.test(violation))
  );
}

describe(`faults, seed ${seed}`, () => {
  for (const scenario of scenarios.filter(({ ci }) => ci)) {
    test(scenario.title, { timeout }, async () => {
      let result = await run(scenario);
      for (let count = 1; count < measurements && isOnlyPastBounds(result); count += 1)
        result = await run(scenario);
      assert.deepEqual(result.violations, []);
    });
  }
});

describe("a server with a bug in it fails", () => {
  const expected = {
    drop: "message lost",
    double: "message delivered more than once",
    "lose-edit": "acknowledged edit is not in the document",
  };
  for (const kind of sabotages) {
    test(kind, { timeout }, async () => {
      const broken = await start({
        command: runtimeCommand("node"),
        args: ["tests/faults/main.ts", "--ci", "--scenario", "calm", "--sabotage", kind],
        cwd: root,
      });
      const { code } = await broken.exited;
      assert.equal(code, 1, broken.output());
      assert.ok(broken.output().includes(expected[kind]), broken.output());
    });
  }
});
