import { join } from "node:path";
import { describe, test } from "node:test";
import { commitAll, copyRepository, follow, runTests } from "../../../guides/follow.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";

/** What `npm test` runs, on one runtime: the code is the same on all. */
const steps = ["check", "unit on node", "server on node", "cluster", "core faults", "demo", "upgrade"];

describe("an app without documents", { timeout: groupTimeoutMs }, () => {
  test("passes all tests that remain, before and after the removal is committed", () => {
    const copy = join(temporaryFolder(), "app");
    copyRepository(copy);
    follow("remove-documents.md", copy);
    // Those that copy the app, with what git has of it.
    runTests(["files"], copy);
    commitAll(copy);
    runTests(["files", ...steps], copy);
  });
});
