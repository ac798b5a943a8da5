import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useCluster } from "../../support/cluster.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { assertUnharmed, markup } from "../../support/unharmed.ts";

describe("the page's chat, on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const open = useBrowser();
  const pageOn = (replica: number, id: string) => open(`${cluster().replicas[replica]?.url}/d/${id}`);

  test("the chat reaches both, in one order, and shows text as text", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(1, id), pageOn(2, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    const say = async (page: Page, text: string) => {
      await byId(page, "chat-input").fill(text);
      await byId(page, "chat-send").click();
    };
    await say(ada.page, "first");
    await waitFor("Bob has it", async () =>
      (await byId(bob.page, "chat-list").innerText()).includes("first"),
    );
    await say(bob.page, markup);
    for (const { page } of [ada, bob]) {
      await waitFor("both have both", async () =>
        (await byId(page, "chat-list").innerText()).includes(markup),
      );
      assert.equal(await page.locator('[data-testid="chat-list"] :is(img, script, .message b b)').count(), 0);
    }
    await assertUnharmed(ada);
    await assertUnharmed(bob);
  });
});
