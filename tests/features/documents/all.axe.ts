import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { assertAccessible } from "../../support/axe.ts";
import { useBrowser, waitForStatus } from "../../support/browser.ts";
import { useRestartable } from "../../support/restartable.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";
import { editor } from "./support/page.ts";

describe("a document in the page is accessible", { timeout: groupTimeoutMs }, () => {
  const open = useBrowser();
  const serve = useRestartable();

  test("with text and a cursor, also offline and for a reader", async () => {
    const id = newId();
    const env = { AUTH_SECRET: authSecret };
    const server = await serve("axe", env);
    const token = (sub: string, access: "read" | "write") => makeToken({ sub, documents: { "*": access } });
    const address = `${server.url}/d/${id}`;
    const ada = await open(`${address}#token=${await token("ada", "write")}`);
    await waitForStatus(ada.page, "synced");
    await editor(ada.page).pressSequentially("Something to read. ");
    const { page, errors } = await open(`${address}#token=${await token("bob", "write")}`);
    await waitFor("Ada's cursor is there", async () => (await page.locator(".ql-cursor").count()) === 1);
    await assertAccessible(page, "with text");
    await server.process.stop();
    await waitForStatus(page, "offline");
    await assertAccessible(page, "offline");
    await serve("axe", env);
    await page.goto(`${address}#token=${await token("rita", "read")}`);
    await waitForStatus(page, "synced");
    await assertAccessible(page, "read-only");
    assert.deepEqual(errors, []);
  });
});
