import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "../../../deploy/local/replica.ts";
import { steps } from "../../steps.ts";

/** What each step's patterns find, by the step's name. */
function filesOf(isCore: boolean): Map<string, string[]> {
  const chosen = steps.filter((step) => step.isCore === isCore);
  return new Map(
    chosen.map(({ name, work }) => [name, "runtime" in work ? globSync(work.files, { cwd: root }) : []]),
  );
}

const found = (...patterns: string[]) => globSync(patterns, { cwd: root }).toSorted();

describe("the steps of the test command", () => {
  test("npm test runs every *.test.ts and core.* file, and no other", () => {
    const files = new Set([...filesOf(true).values()].flat());
    assert.deepEqual([...files].toSorted(), found("tests/**/*.test.ts", "tests/**/core.*.ts"));
  });

  test("test:all runs every all.* file once, and no other", () => {
    const files = [...filesOf(false).values()].flat().toSorted();
    assert.deepEqual(files, found("tests/**/all.*.ts"));
  });

  test("each step has a name of its own, and finds files", () => {
    assert.equal(new Set(steps.map(({ name }) => name)).size, steps.length);
    for (const [name, files] of [...filesOf(true), ...filesOf(false)])
      assert.ok(files.length > 0 || ["check", "bare bun test"].includes(name), name);
  });
});
