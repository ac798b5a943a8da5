import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { changesIn, copyRepository, follow } from "../guides/follow.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

// The guide runs types, lint and the tests of what it adds.
describe("features", { timeout: groupTimeoutMs }, () => {
  const copy = join(temporaryFolder(), "app");

  test("one is added by its folders and a line", () => {
    copyRepository(copy);
    follow("add-a-feature.md", copy);
    const elsewhere = changesIn(copy).filter((file) => !/^(src|tests)\/features\/applause\//.test(file));
    assert.deepEqual(elsewhere, ["src/features.ts"]);
  });
});
