import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { changesIn, copyRepository, follow } from "../guides/follow.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("features", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();

  // The guide runs types, lint and the tests of what it adds.
  test("one is added by its folders and a line", () => {
    const copy = join(folder, "added");
    copyRepository(copy);
    follow("add-a-feature.md", copy);
    const elsewhere = changesIn(copy).filter((file) => !/^(src|tests)\/features\/applause\//.test(file));
    assert.deepEqual(elsewhere, ["src/features.ts"]);
  });

  test("a copy has no file that is deleted, and not committed yet", () => {
    const copy = join(folder, "first");
    copyRepository(copy);
    rmSync(join(copy, "src/features.ts"));
    copyRepository(join(folder, "second"), copy);
    assert.ok(existsSync(join(folder, "second/src/app.ts")));
    assert.ok(!existsSync(join(folder, "second/src/features.ts")));
  });
});
