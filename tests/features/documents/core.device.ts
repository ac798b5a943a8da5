import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, pageIsCopied, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useRestartable } from "../../support/restartable.ts";
import { metric } from "../../support/server.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";
import { useClients } from "./support/clients.ts";
import { editor, editorText, waitForSaved } from "./support/page.ts";

/** A read waits for the writes before it: a tab that is closed within milliseconds of a key takes that with it. */
async function copyIsWritten(page: Page, name: string): Promise<void> {
  await page.evaluate(
    (database) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(database);
        opening.addEventListener("error", () => reject(new Error(`no ${database}`)));
        opening.addEventListener("success", () => {
          const counting = opening.result.transaction("updates").objectStore("updates").count();
          counting.addEventListener("success", () => {
            opening.result.close();
            resolve();
          });
        });
      }),
    name,
  );
}

/** Holds what a device keeps of a document, so that a page that opens it must wait until `isHeld` of this page is false. */
async function holdCopy(page: Page, name: string): Promise<void> {
  await page.evaluate(
    (database) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open(database);
        opening.addEventListener("success", () => {
          const updates = opening.result.transaction("updates", "readwrite").objectStore("updates");
          const state = Object.assign(globalThis, { isHeld: true });
          // A transaction ends by itself when nothing more is asked of it.
          const ask = () => void (state.isHeld && updates.count().addEventListener("success", ask));
          ask();
          resolve();
        });
      }),
    name,
  );
}

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
