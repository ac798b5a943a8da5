import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runtimes } from "../../deploy/local/replica.ts";
import "../support/requirements.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { attacks } from "./attacks/index.ts";
import { count } from "./fuzz.ts";
import { attackRuntime } from "./suite.ts";

/*
 * The part of the attacks that continuous integration runs: 2,000 cases a runtime, of every kind. Not named `*.test.ts`,
 * so that it runs only where it is asked for.
 */

/** Always the same cases here; `main.ts` without `--seed` looks for new ones. */
const seed = 1;
const cases = 2000;

// Side by side: much of it is waiting for the server to notice that a client is gone.
describe(`attacks, seed ${seed}`, { concurrency: true, timeout: 2 * groupTimeoutMs }, () => {
  for (const runtime of runtimes) {
    test(
      `${runtime} holds, and so do those who use it meanwhile`,
      { timeout: 2 * groupTimeoutMs },
      async () => {
        const problems: string[] = [];
        let done = 0;
        await attackRuntime(
          { runtime, attacks, ways: ["direct", "caddy"], seed, cases },
          ({ attack, via, result }) => {
            done += count(result.outcomes);
            problems.push(...result.problems.map((problem) => `${attack.name} (${via}): ${problem}`));
          },
        );
        assert.deepEqual(problems, []);
        assert.ok(done >= cases, `${done} cases`);
      },
    );
  }
});
