import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, pageIsCopied, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useRestartable } from "../../support/restartable.ts";
import { metric } from "../../support/server.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";
import { useClients } from "./support/clients.ts";
import { editor, editorText, waitForSaved } from "./support/page.ts";
import { copyIsWritten, holdCopy } from "./support/copies.ts";

describe("documents on the device of a user", { timeout: groupTimeoutMs }, () => {
  const open = useBrowser();
  const { person } = useClients();
  /** A server that has its documents again when it is started again. */
  const serve = useRestartable();

  test("the page opens while the server hangs, and goes on with it when it wakes", async () => {
    const id = newId();
    const { url, process: server } = await serve("open");
    const { page } = await open(`${url}/d/${id}`);
    await waitForStatus(page, "synced");
    await editor(page).pressSequentially("Kept.");
    await waitForSaved(page);
    await copyIsWritten(page, `trimaran:doc::${id}`);
    await pageIsCopied(page);
    server.kill("SIGSTOP");
    try {
      await page.reload();
      await editor(page).press("End");
      await editor(page).pressSequentially(" Meanwhile.");
    } finally {
      server.kill("SIGCONT");
    }
    await waitForSaved(page);
    assert.equal((await editorText(page)).trim(), "Kept. Meanwhile.");
  });

  test("a copy that a slow device brings late holds nothing up, and what was typed in it is saved", async () => {
    const id = newId();
    const server = await serve("slow");
    const { page } = await open(`${server.url}/d/${id}`);
    await waitForStatus(page, "synced");
    await pageIsCopied(page);
    await server.process.stop();
    await waitForStatus(page, "offline");
    await editor(page).pressSequentially("Offline. ");
    await copyIsWritten(page, `trimaran:doc::${id}`);
    await page.close();

    const { url } = await serve("slow");
    const holder = await open(`${url}/docs`);
    await holdCopy(holder.page, `trimaran:doc::${id}`);
    const again = await open(`${url}/d/${id}`);
    await waitForSaved(again.page);
    assert.equal((await editorText(again.page)).trim(), "");
    await holder.page.evaluate("globalThis.isHeld = false");
    const bob = await person(url, id);
    await waitFor("the server has it", () => bob.text.toString().includes("Offline."));
    assert.equal((await editorText(again.page)).trim(), "Offline.");
    await waitForSaved(again.page);
  });

  test("two users of one browser have copies of their own", async () => {
    const id = newId();
    const server = await serve("signed", { AUTH_SECRET: authSecret });
    const token = (sub: string) => makeToken({ sub, documents: { "*": "write" } });
    const ada = await open(`${server.url}/d/${id}#token=${await token("ada")}`);
    await waitForStatus(ada.page, "synced");
    await editor(ada.page).pressSequentially("of Ada");
    await waitForSaved(ada.page);
    await server.process.stop();
    await waitForStatus(ada.page, "offline");
    await editor(ada.page).pressSequentially(" alone");
    await copyIsWritten(ada.page, `trimaran:doc:ada:${id}`);
    await ada.page.close();
    await serve("signed", { AUTH_SECRET: authSecret });
    const bob = await open(`${server.url}/d/${newId()}#token=${await token("bob")}`);
    await waitForStatus(bob.page, "synced");
    const names = await bob.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    assert.ok(
      names.some((name) => name === `trimaran:doc:ada:${id}`),
      names.join(),
    );
    await bob.page.goto(`${server.url}/d/${id}`);
    await waitForSaved(bob.page);
    assert.equal((await editorText(bob.page)).trim(), "of Ada", "and not what only Ada has");
  });

  test("a copy is no edit, and goes when its document is forgotten", async () => {
    const server = await serve("open");
    const id = newId();
    const { page } = await open(`${server.url}/d/${id}`);
    await waitForStatus(page, "synced");
    await editor(page).pressSequentially("kept");
    await waitForSaved(page);
    await copyIsWritten(page, `trimaran:doc::${id}`);
    const sent = () => metric(server.url, "trimaran_events_total", { event: "send-changes" });
    const before = await sent();
    await page.reload();
    await waitForSaved(page);
    assert.equal((await editorText(page)).trim(), "kept");
    assert.equal(await sent(), before, "nothing of it is sent");
    await page.goto(`${server.url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    await byId(page, "recent-summary").press("Enter");
    await page.getByLabel(`Forget ${id} on this device`).click();
    await waitFor("its copy is gone", async () =>
      (await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).every(
        (name) => !name?.endsWith(id),
      ),
    );
  });
});
