import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import "../support/requirements.ts";
import { printResult } from "./report.ts";
import { runScenario } from "./run-scenario.ts";
import { sabotages } from "./sabotage.ts";
import { scenarios } from "./scenarios/index.ts";

/*
 * The short part of the fault suite that continuous integration runs: a replica on each runtime, short
 * faults. Not named `*.test.ts`, so that it runs only where it is asked for.
 */

const seed = Math.floor(Math.random() * 2 ** 31);
const timeout = 60_000;

describe(`faults, seed ${seed}`, () => {
  for (const scenario of scenarios.filter(({ ci }) => ci)) {
    test(scenario.title, { timeout }, async () => {
      const result = await runScenario({ scenario, seed, runtime: "mixed", runtimes, ci: true });
      printResult(result);
      assert.deepEqual(result.violations, []);
    });
  }
});

describe("a run that was spoilt on purpose fails", () => {
  const expected = { drop: "message lost (1)", double: "message delivered more than once (1)" };
  for (const kind of sabotages) {
    test(kind, { timeout }, async () => {
      const run = await start({
        command: runtimeCommand("node"),
        args: ["tests/faults/main.ts", "--ci", "--scenario", "calm", "--sabotage", kind],
        cwd: root,
      });
      const { code } = await run.exited;
      assert.equal(code, 1, run.output());
      assert.ok(run.output().includes(expected[kind]), run.output());
    });
  }
});
