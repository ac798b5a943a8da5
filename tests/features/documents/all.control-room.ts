import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { waitFor } from "../../../deploy/local/process.ts";
import { useBrowser } from "../../support/browser.ts";
import {
  breakEachPart,
  byId,
  proofOf,
  useLauncher,
  waitForProof,
  waitForUsers,
} from "../../support/control-room.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";

const editorOf = (page: Page, name: string) => byId(page, `panel-${name}`).locator(".ql-editor");

describe("documents in the control room", { timeout: groupTimeoutMs }, () => {
  const room = useLauncher();
  const open = useBrowser();

  test("each part is killed or hangs while two users type: nothing is lost", async () => {
    const { page, errors } = await open(room().url, { width: 1440, height: 900 });
    const words: string[] = [];
    /** One word by each of the two, by the keyboard. */
    async function type(): Promise<void> {
      for (const name of ["Ada", "Bob"]) {
        const word = `${name}${words.length}`;
        await editorOf(page, name).pressSequentially(`${word} `);
        words.push(word);
      }
    }
    await breakEachPart(page, type, async () =>
      assert.match(await byId(page, "status-Ada").innerText(), /unsaved and kept/),
    );

    await waitForProof(page);
    assert.match(await proofOf(page), /characters typed, 0 lost: both documents are equal/);
    // The documents are equal; what is seen of them follows within a frame.
    const { ada } = await waitFor("both editors show the same", async () => {
      const [one = "", two = ""] = await Promise.all(
        ["Ada", "Bob"].map(async (name) => (await editorOf(page, name).innerText()).trim()),
      );
      return one === two && { ada: one };
    });
    const seen = ada.match(/(Ada|Bob)\d+/g) ?? [];
    assert.deepEqual(seen.toSorted(), words.toSorted(), "every word of each, once");
    assert.deepEqual(
      errors.filter((error) => !error.includes("WebSocket")),
      [],
    );
    await page.close();
  });

  test("the autopilot types, and fits one screen however much is written", async () => {
    const { page } = await open(room().url, { width: 1440, height: 900 });
    await waitForUsers(page);
    for (let line = 0; line < 60; line += 1) await editorOf(page, "Ada").press("Enter");
    await byId(page, "autopilot").click();
    await waitFor("Bob's editor has what Ada's typist began", async () =>
      (await editorOf(page, "Bob").innerText()).includes("Three"),
    );
    await byId(page, "autopilot").click();
    await waitForProof(page);
    const overflow = await page.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return { across: scrollWidth - clientWidth, down: scrollHeight - clientHeight };
    });
    assert.deepEqual(overflow, { across: 0, down: 0 });
    await page.close();
  });
});
