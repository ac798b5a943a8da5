import { join } from "node:path";
import { describe, test } from "node:test";
import { commitAll, copyRepository, removeFeatures, run, runTests } from "../../../guides/follow.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";

describe("an app without the chat", { timeout: groupTimeoutMs }, () => {
  test("passes the check and the tests that remain", () => {
    const copy = join(temporaryFolder(), "app");
    copyRepository(copy);
    removeFeatures(["chat"], copy);
    run("npm run docs", copy);
    commitAll(copy);
    runTests(["check", "files", "unit on node", "server on node"], copy);
  });
});
