import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../../../deploy/local/replica.ts";
import { changesIn, copyRepository, follow } from "../../../guides/follow.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";

/** How many tests the files of a tree define; those of a loop count once. */
function countTests(folder: string): number {
  const files = globSync("tests/**/*.ts", { cwd: folder });
  return files.reduce(
    (sum, file) => sum + (readFileSync(join(folder, file), "utf8").match(/^\s*test\(/gm)?.length ?? 0),
    0,
  );
}

describe("documents", { timeout: groupTimeoutMs }, () => {
  // The guide runs types and lint.
  test("leave with their folders and their line, and three of five tests remain", () => {
    const copy = join(temporaryFolder(), "app");
    copyRepository(copy);
    follow("remove-documents.md", copy);
    const elsewhere = changesIn(copy).filter((file) => !/^(src|tests)\/features\/documents\//.test(file));
    assert.deepEqual(elsewhere, ["src/features.ts"]);
    const [before, remaining] = [countTests(root), countTests(copy)];
    assert.ok(remaining >= 0.6 * before, `${remaining} of ${before} tests remain`);
  });
});
