import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Process, start } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { type Sabotage, sabotages } from "./sabotage.ts";

/* Each guard of the door is taken out of a copy of the sources once: its test must fail there, and pass without that. */

const suite = "tests/door/one-suite.ts";
/** Large, and of no use to the tests of the door. */
const leftOut = new Set(["fixtures", "charts", "results", "RESULTS.md"]);
/** Some fail because something never comes; only ends a hang. */
const ranWithinMs = 5 * 60_000;

function copySources(): string {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-sabotage-"));
  for (const part of ["src", "tests", "deploy/local"]) {
    mkdirSync(join(folder, part, ".."), { recursive: true });
    cpSync(join(root, part), join(folder, part), {
      recursive: true,
      filter: (file) => !leftOut.has(basename(file)),
    });
  }
  for (const file of ["package.json", "bunfig.toml", "deno.json"])
    cpSync(join(root, file), join(folder, file));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Runs these tests alone in a copy. @returns their names, by whether they passed, and all of the output. */
async function runTests(folder: string, { file = suite, runtime }: Sabotage["foundBy"], names: string[]) {
  const runner: Process = await start({
    command: runtimeCommand("node"),
    args: [
      "--test",
      "--test-reporter=tap",
      ...names.map((name) => `--test-name-pattern=${escaped(name)}`),
      file,
    ],
    cwd: folder,
    // It is no part of this run, and its servers may fail as they like.
    env: { NODE_TEST_CONTEXT: undefined, UNCAUGHT_ERRORS_FILE: undefined, DOOR_RUNTIME: runtime },
  });
  let output = "";
  runner.child.stdout?.on("data", (text: string) => (output += text));
  const timer = setTimeout(() => void runner.stop(), ranWithinMs);
  await runner.closed;
  clearTimeout(timer);
  const named = (outcome: string) =>
    names.filter((name) => new RegExp(`^\\s*${outcome} \\d+ - ${escaped(name)}$`, "m").test(output));
  return { passed: named("ok"), failed: named("not ok"), output };
}

// Side by side: the servers of a suite need seconds to start, and what never comes is waited for.
describe("the door without one of its guards", { concurrency: 6, timeout: groupTimeoutMs }, () => {
  const folders: string[] = [];
  const copy = () => {
    const folder = copySources();
    folders.push(folder);
    return folder;
  };
  let intact = "";
  before(() => void (intact = copy()));
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  const places = new Map(sabotages.map(({ foundBy }) => [`${foundBy.file ?? foundBy.runtime}`, foundBy]));
  for (const [place, foundBy] of places) {
    test(`with all of them, the tests pass: ${place}`, async () => {
      const same = sabotages.filter(({ foundBy: { file, runtime } }) => `${file ?? runtime}` === place);
      const names = [...new Set(same.map((each) => each.foundBy.test))];
      const { passed, output } = await runTests(intact, foundBy, names);
      assert.deepEqual(passed, names, output);
    });
  }

  for (const { guard, file, from, to, foundBy } of sabotages) {
    test(guard, async () => {
      const folder = copy();
      const source = readFileSync(join(folder, file), "utf8");
      assert.equal(source.split(from).length, 2, `${file} has this once: ${from}`);
      writeFileSync(
        join(folder, file),
        source.replace(from, () => to),
      );
      const { failed, output } = await runTests(folder, foundBy, [foundBy.test]);
      assert.deepEqual(failed, [foundBy.test], output);
    });
  }
});
