import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { byId, useBrowser, waitForStatus } from "../support/browser.ts";
import { useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

describe("who may do what, on the page", { timeout: groupTimeoutMs }, () => {
  const server = useServer("node", { AUTH_SECRET: authSecret });
  const openServer = useServer("node");
  const open = useBrowser();

  test("an open server says that it is", async () => {
    const { page } = await open(`${openServer().url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    assert.ok(await byId(page, "open-hint").isVisible());
  });

  test("without a token the page says how to get in; with one it is out of the address, and lasts", async () => {
    const id = newId();
    const { page } = await open(`${server().url}/d/${id}`);
    await waitFor("the page says so", async () =>
      (await byId(page, "banners").innerText()).includes("a token is required"),
    );
    const token = await makeToken({ name: "Ada", documents: { [id]: "write" } });
    const ada = await open(`${server().url}/d/${id}#token=${token}`);
    await waitForStatus(ada.page, "synced");
    assert.ok(!ada.page.url().includes(token));
    assert.ok(await byId(ada.page, "open-hint").isHidden());
    await ada.page.reload();
    await waitForStatus(ada.page, "synced");
    assert.deepEqual(ada.errors, []);
  });

  test("a reader is told, and a user who may not read, too", async () => {
    const id = newId();
    const reader = await open(
      `${server().url}/d/${id}#token=${await makeToken({ sub: "rita", documents: { [id]: "read" } })}`,
    );
    await waitForStatus(reader.page, "synced");
    assert.match(await byId(reader.page, "banners").innerText(), /You may read/);
    const stranger = await open(`${server().url}/d/${id}#token=${await makeToken({ sub: "eve" })}`);
    await waitFor("the stranger is told", async () =>
      (await byId(stranger.page, "banners").innerText()).includes("may not open"),
    );
  });
});
