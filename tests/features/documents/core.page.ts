import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { documentsFeature } from "../../../src/features/documents/index.ts";
import { useApp } from "../../support/app.ts";
import { useBrowser } from "../../support/browser.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { editorText, waitForSaved } from "./support/page.ts";

describe("the page with documents alone", { timeout: groupTimeoutMs }, () => {
  const url = useApp([documentsFeature]);
  const open = useBrowser();

  test("two users write in one document, and there is no chat", async () => {
    const address = `${url()}/d/${newId()}`;
    const [ada, bob] = [await open(address), await open(address)];
    await Promise.all([waitForSaved(ada.page), waitForSaved(bob.page)]);
    await ada.page.locator(".ql-editor").pressSequentially("Hello");
    await waitFor("Bob has it", async () => (await editorText(bob.page)).includes("Hello"));
    assert.equal(await bob.page.locator('[data-testid="chat"]').count(), 0);
    assert.equal(await bob.page.locator('[data-testid="recent-summary"]').innerText(), "Documents");
    assert.deepEqual([ada.errors, bob.errors], [[], []]);
  });

  test("the placeholder is where the text begins", async () => {
    const { page } = await open(`${url()}/d/${newId()}`);
    await waitForSaved(page);
    const placeholderX = await page.locator(".ql-editor").evaluate((editor: HTMLElement) => {
      const block = getComputedStyle(editor).position === "static" ? editor.offsetParent : editor;
      return (
        (block?.getBoundingClientRect().x ?? 0) + Number.parseFloat(getComputedStyle(editor, "::before").left)
      );
    });
    const textX = await page.locator(".ql-editor p").evaluate((line) => line.getBoundingClientRect().x);
    assert.equal(placeholderX, textX);
  });
});
