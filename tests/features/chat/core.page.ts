import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { chatFeature } from "../../../src/features/chat/index.ts";
import { useApp } from "../../support/app.ts";
import { assertAccessible } from "../../support/axe.ts";
import { byId, useBrowser, waitForStatus } from "../../support/browser.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { authSecret, makeToken } from "../../support/tokens.ts";

describe("the page with the chat alone", { timeout: groupTimeoutMs }, () => {
  const url = useApp([chatFeature], { AUTH_SECRET: authSecret });
  const open = useBrowser();

  async function pageOf(user: string, room: string, access: "read" | "write") {
    const token = await makeToken({ sub: user, name: user, documents: { [room]: access } });
    const opened = await open(`${url()}/d/${room}#token=${token}`);
    await waitForStatus(opened.page, "synced");
    return opened;
  }

  test("messages of a member reach all members, and a reader can't send any", async () => {
    const room = newId();
    const ada = await pageOf("Ada", room, "write");
    const rita = await pageOf("Rita", room, "read");
    const { page } = ada;
    await byId(page, "chat-input").fill("Hello");
    await byId(page, "chat-send").click();
    await waitFor(
      "the server has it",
      async () => (await page.locator(".message.mine:not(.pending)").count()) === 1,
    );
    await waitFor("Rita has it", async () =>
      (await byId(rita.page, "chat-list").innerText()).includes("Hello"),
    );
    await waitFor("Rita sees Ada", async () => (await byId(rita.page, "people").innerText()).includes("Ada"));
    assert.ok(await byId(rita.page, "chat-input").isDisabled());
    assert.equal(await page.locator('[data-testid="editor"]').count(), 0);
    await assertAccessible(page, "with a message");
    assert.deepEqual([ada.errors, rita.errors], [[], []]);
  });
});
