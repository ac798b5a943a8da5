import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, pageIsCopied, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useRestartable } from "../../support/restartable.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { useClients } from "./support/clients.ts";
import { editor, editorText, waitForSaved } from "./support/page.ts";
import { copyIsWritten } from "./support/copies.ts";

describe("documents on the device of a user", { timeout: groupTimeoutMs }, () => {
  const open = useBrowser();
  const { person } = useClients();
  /** A server that has its documents again when it is started again. */
  const serve = useRestartable();

  test("what was typed while the server was down survives a closed tab, and is merged with what others typed", async () => {
    const id = newId();
    const server = await serve("open");
    const { page } = await open(`${server.url}/d/${id}`);
    await waitForStatus(page, "synced");
    await editor(page).pressSequentially("Before. ");
    await waitForSaved(page);
    await pageIsCopied(page);
    await server.process.stop();
    await waitForStatus(page, "offline");
    await editor(page).press("End");
    await editor(page).pressSequentially("Offline. ");
    assert.match(await byId(page, "status").innerText(), /Offline/);
    assert.match((await byId(page, "status").getAttribute("title")) ?? "", /on this device/);
    // No question whether to leave: nothing would be lost.
    await copyIsWritten(page, `trimaran:doc::${id}`);
    await page.close();

    // The page itself opens, too, with what was written, and takes more.
    const alone = await open(`${server.url}/d/${id}`);
    await waitForStatus(alone.page, "offline");
    assert.equal((await editorText(alone.page)).trim(), "Before. Offline.");
    await editor(alone.page).press("End");
    await editor(alone.page).pressSequentially(" Again.");
    await copyIsWritten(alone.page, `trimaran:doc::${id}`);
    await alone.page.close();

    const { url } = await serve("open");
    const bob = await person(url, id);
    assert.equal(bob.text.toString().trim(), "Before.");
    bob.text.insert(0, "Bob meanwhile. ");
    await bob.provider.whenSaved();
    const again = await open(`${url}/d/${id}`);
    await waitForSaved(again.page);
    const parts = ["Before.", "Offline.", "Again.", "Bob meanwhile."];
    await waitFor("both have all of it", async () =>
      parts.every((part) => bob.text.toString().includes(part)),
    );
    const shown = await editorText(again.page);
    for (const part of parts) assert.equal(shown.split(part).length, 2, `${part} once in: ${shown}`);
    assert.deepEqual(again.errors, []);
  });

  test("by keyboard: a question mark in the text opens nothing, and Escape leaves the text", async () => {
    const { url } = await serve("open");
    const { page } = await open(`${url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    await editor(page).click();
    await page.keyboard.type("What?");
    assert.ok(await byId(page, "help").isHidden());
    await page.keyboard.press("Escape");
    assert.ok(!(await editor(page).evaluate((element) => element.contains(document.activeElement))));
  });
});
