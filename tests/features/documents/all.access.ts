import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useServer } from "../../support/server.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";
import { useClients } from "./support/clients.ts";
import { editorText, waitForSaved } from "./support/page.ts";

describe("who may read and write a document, on the page", { timeout: groupTimeoutMs }, () => {
  const server = useServer("node", { AUTH_SECRET: authSecret });
  const open = useBrowser();
  const { person } = useClients();

  test("a writer's text is back after a reload, without the token in the address", async () => {
    const id = newId();
    const token = await makeToken({ name: "Ada", documents: { [id]: "write" } });
    const { page, errors } = await open(`${server().url}/d/${id}#token=${token}`);
    await waitForStatus(page, "synced");
    await page.locator(".ql-editor").pressSequentially("written");
    await waitForSaved(page);
    await page.reload();
    await waitForStatus(page, "synced");
    await waitFor("the text is back", async () => (await editorText(page)).trim() === "written");
    assert.deepEqual(errors, []);
  });

  test("a reader sees the text and can't change it; a user who may not read it sees nothing of it", async () => {
    const id = newId();
    const bob = await person(server().url, id, {
      token: await makeToken({ sub: "bob", documents: { "*": "write" } }),
    });
    bob.text.insert(0, "to read");
    await bob.provider.whenSaved();
    const reader = await open(
      `${server().url}/d/${id}#token=${await makeToken({ sub: "rita", documents: { [id]: "read" } })}`,
    );
    await waitForStatus(reader.page, "synced");
    await waitFor("the text is there", async () => (await editorText(reader.page)).includes("to read"));
    assert.equal(await reader.page.locator(".ql-editor").getAttribute("contenteditable"), "false");
    assert.match(await byId(reader.page, "banners").innerText(), /You may read/);
    const stranger = await open(`${server().url}/d/${id}#token=${await makeToken({ sub: "eve" })}`);
    await waitFor("the stranger is told", async () =>
      (await byId(stranger.page, "banners").innerText()).includes("may not open"),
    );
    assert.ok(!(await editorText(stranger.page)).includes("to read"));
  });
});
