import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { absentFeatures } from "../../docs/generate/missing-names.ts";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { copyRepository, follow } from "./follow.ts";

describe("guides", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  // Other tests follow these: tests/check/features.test.ts, the one of the documents, all.update.ts.
  const others = new Set(["README.md", "add-a-feature.md", "remove-documents.md", "update-the-platform.md"]);
  const all = readdirSync(join(root, "docs/guides")).filter((file) => !others.has(file));
  assert.ok(all.length >= 5);
  // A guide that changes a feature has nothing to change where that is removed.
  const guides = all.filter(
    (file) => absentFeatures(readFileSync(join(root, "docs/guides", file), "utf8")).length === 0,
  );

  for (const guide of guides) {
    test(`${guide}, followed to the letter`, () => {
      const copy = join(folder, guide.replace(".md", ""));
      copyRepository(copy);
      follow(guide, copy);
    });
  }
});
