import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { copyRepository, follow } from "../guides/follow.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** What `npm run docs` writes. */
const generated =
  /\.md$|^docs\/|^\.env\.example$|^deploy\/monitoring\/(features\.alerts\.yml|grafana-dashboard\.json)$/;

function changesIn(folder: string): string[] {
  const { stdout } = spawnSync("git", ["status", "--porcelain", "--untracked-files=all"], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(3));
}

/** How many tests the files of a tree define; those of a loop count once. */
function countTests(folder: string): number {
  const files = globSync("tests/**/*.ts", { cwd: folder });
  return files.reduce(
    (sum, file) => sum + (readFileSync(join(folder, file), "utf8").match(/^\s*test\(/gm)?.length ?? 0),
    0,
  );
}

// The guides run types, lint and the tests of what they add.
describe("features", { timeout: groupTimeoutMs }, () => {
  const copy = join(temporaryFolder(), "app");

  test("one is added by its folders and a line", () => {
    copyRepository(copy);
    follow("add-a-feature.md", copy);
    const elsewhere = changesIn(copy).filter((file) => !/^(src|tests)\/features\/reactions\//.test(file));
    assert.deepEqual(
      elsewhere.filter((file) => !generated.test(file)),
      ["src/features.ts"],
    );
  });

  test("the documents leave with their folders and their line, and three of five tests remain", () => {
    spawnSync("git", ["add", "--all"], { cwd: copy });
    const before = countTests(root);
    follow("remove-documents.md", copy);
    const elsewhere = changesIn(copy).filter(
      (file) => !/^(src|tests)\/features\/(documents|reactions)\//.test(file),
    );
    assert.deepEqual(
      elsewhere.filter((file) => !generated.test(file)),
      ["src/features.ts"],
    );
    const remaining = countTests(copy);
    assert.ok(remaining >= 0.6 * before, `${remaining} of ${before} tests remain`);
  });
});
