import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { copyRepository, follow } from "./follow.ts";

describe("guides", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  // Other tests follow these: tests/check/features.test.ts, the one of the documents, all.update.ts.
  const others = new Set(["README.md", "add-a-feature.md", "remove-documents.md", "update-the-platform.md"]);
  const guides = readdirSync(join(root, "docs/guides")).filter((file) => !others.has(file));
  assert.ok(guides.length >= 5);

  for (const guide of guides) {
    test(`${guide}, followed to the letter`, () => {
      const copy = join(folder, guide.replace(".md", ""));
      copyRepository(copy);
      follow(guide, copy);
    });
  }
});
