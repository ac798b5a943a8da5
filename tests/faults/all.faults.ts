import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { runScenario } from "./run-scenario.ts";
import { sabotages } from "./sabotage.ts";
import { scenarios } from "./scenarios/index.ts";

/*
 * The short part of the fault suite that `npm run test:all` runs beside core.faults.ts: a replica on each runtime, short
 * faults. Not named `*.test.ts`, so that it runs only where it is asked for.
 */

/** Always the same faults here; `main.ts` without `--seed` looks for new ones. */
const seed = 1;
const timeout = 300_000;

describe(`faults, seed ${seed}`, () => {
  for (const scenario of scenarios.filter(({ ci, core }) => ci && !core)) {
    test(scenario.title, { timeout }, async () => {
      const result = await runScenario({ scenario, seed, runtime: "mixed", runtimes, ci: true });
      assert.deepEqual(result.violations, []);
    });
  }
});

describe("a server with a bug in it fails", () => {
  for (const { name, finds } of sabotages) {
    test(name, { timeout }, async () => {
      const broken = await start({
        command: runtimeCommand("node"),
        args: ["tests/faults/main.ts", "--ci", "--scenario", "calm", "--sabotage", name],
        cwd: root,
      });
      const { code } = await broken.exited;
      assert.equal(code, 1, broken.output());
      assert.ok(broken.output().includes(finds), broken.output());
    });
  }
});
