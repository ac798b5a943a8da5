import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { copyRepository, follow } from "../../../guides/follow.ts";

/** What `npm test` runs, on one runtime: the code is the same on all. */
const steps = [
  "check",
  "files",
  "unit on node",
  "server on node",
  "cluster",
  "core faults",
  "demo",
  "upgrade",
];

describe("an app without documents", { timeout: groupTimeoutMs }, () => {
  test("passes all tests that remain", () => {
    const copy = join(temporaryFolder(), "app");
    copyRepository(copy);
    follow("remove-documents.md", copy);
    const { status, stdout, stderr } = spawnSync(
      "npm",
      ["test", "--", ...steps.flatMap((step) => ["--only", step])],
      { cwd: copy, encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
    );
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /\n\d+ passed, 0 failed\n*$/);
  });
});
