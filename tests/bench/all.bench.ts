import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/*
 * Every scenario once, quickly: each contender runs, has figures, and loses nothing. No figure is judged, because a
 * figure is the machine's as much as the server's; `npm run bench -- --against COMMIT` compares figures. Contenders
 * whose packages only the benchmark installs are left out: they would add a minute.
 */

describe("the benchmark", { timeout: groupTimeoutMs * 3 }, () => {
  for (const scenario of scenarios) {
    test(`${scenario.name}: every contender runs, and what is sent arrives`, async () => {
      const { contenders, problems } = await runScenario(scenario, {
        quick: true,
        seed: 1,
        rounds: 1,
        isChosen: ({ peers }) => !peers,
        onProgress: (text) => console.log(text),
      });
      const expected = scenario.contenders.filter(({ peers }) => !peers).map(({ name }) => name);
      assert.deepEqual(
        contenders.map(({ name }) => name),
        expected,
      );
      for (const { name, figures } of contenders) {
        assert.ok(Object.keys(figures).length > 0, name);
        for (const [figure, { median }] of Object.entries(figures))
          assert.ok(Number.isFinite(median), `${name}: ${figure} is ${median}`);
      }
      assert.deepEqual(problems, []);
    });
  }

  test("each runtime is measured", () => {
    const names = new Set(scenarios.flatMap(({ contenders }) => contenders.map(({ name }) => name)));
    for (const runtime of runtimes) assert.ok(names.has(`Trimaran on ${runtime}`), runtime);
  });
});

describe("the benchmark against another commit", { timeout: groupTimeoutMs }, () => {
  const hasHistory = spawnSync("git", ["rev-parse", "--verify", "HEAD"], { cwd: root }).status === 0;

  /** `--against` with the fastest scenario, and its temporary files in a folder of their own. */
  async function startBench(revision: string, folder: string) {
    const options = [
      "--only",
      "start",
      "--contenders",
      "on node",
      "--quick",
      "--rounds",
      "1",
      "--against",
      revision,
    ];
    return start({
      command: runtimeCommand("node"),
      args: ["tests/bench/main.ts", ...options],
      cwd: root,
      env: { TMPDIR: folder, NO_COLOR: "1" },
    });
  }

  test("HEAD: a ratio for each figure; without a history it says so", async () => {
    const folder = temporaryFolder();
    const bench = await startBench("HEAD", folder);
    const { code } = await bench.exited;
    const output = stripVTControlCharacters(bench.output());
    if (hasHistory) {
      assert.equal(code, 0, output);
      assert.match(output, /^ +Trimaran on node +listening, ms +[\d.]+ \([\d.]+-[\d.]+\) +±\d+ %/m);
      assert.doesNotMatch(output, /Socket\.IO/);
    } else {
      assert.equal(code, 1, output);
      assert.match(output, /^--against HEAD: (this folder has no git history|git can't be started)/);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  test("a revision that git does not know: one clear line", async () => {
    const folder = temporaryFolder();
    const bench = await startBench("nonsense", folder);
    const { code } = await bench.exited;
    assert.equal(code, 1);
    assert.match(bench.output(), /^--against nonsense: [^\n]+\n$/);
    assert.deepEqual(readdirSync(folder), []);
  });

  test("interrupted, it leaves no files behind", async () => {
    if (!hasHistory) return;
    const folder = temporaryFolder();
    const bench = await startBench("HEAD", folder);
    await waitWhileRunning(
      bench,
      "the first run is over",
      () => /now: listeningMs/.test(bench.output()),
      60_000,
    );
    assert.notDeepEqual(readdirSync(folder), []);
    bench.kill("SIGINT");
    assert.equal((await bench.exited).code, 130, bench.output());
    assert.deepEqual(readdirSync(folder), []);
  });
});
