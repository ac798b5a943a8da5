import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { copyRepository, featuresIn, removeFeatures, run } from "./follow.ts";

describe("features", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();

  test("an app without any passes types, lint and the check of its pages", () => {
    const copy = join(folder, "empty");
    copyRepository(copy);
    removeFeatures(featuresIn(copy), copy);
    run("npm run docs", copy);
    run("npm run check", copy);
    assert.deepEqual(featuresIn(copy), []);
  });
});
