import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { byId, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useCluster, waitForMode } from "../../support/cluster.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { editor, editorText, waitForSaved } from "./support/page.ts";

describe("the page's editor, on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const open = useBrowser();
  const pageOn = (replica: number, id: string) => open(`${cluster().replicas[replica]?.url}/d/${id}`);

  test("two users on two replicas type at once and have the same text; a reload restores it", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(0, id), pageOn(1, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    await Promise.all([
      editor(ada.page).pressSequentially("Ada writes this. ", { delay: 5 }),
      editor(bob.page).pressSequentially("Bob writes that. ", { delay: 5 }),
    ]);
    await Promise.all([waitForSaved(ada.page), waitForSaved(bob.page)]);
    const text = await waitFor("both show the same", async () => {
      const [one, two] = await Promise.all([editorText(ada.page), editorText(bob.page)]);
      return one === two && one.length > 30 && one;
    });
    const letters = [...text]
      .filter((letter) => /\S/.test(letter))
      .toSorted()
      .join("");
    assert.equal(letters, [..."Adawritesthis.Bobwritesthat."].toSorted().join(""), "every letter once");
    await bob.page.reload();
    await waitForStatus(bob.page, "synced");
    await waitFor("the text is back", async () => (await editorText(bob.page)) === text);
    for (const { errors, foreign } of [ada, bob]) assert.deepEqual([errors, foreign], [[], []]);
  });

  test("each sees the other's cursor, with the name", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(0, id), pageOn(2, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    await byId(ada.page, "name-input").fill("Ada Lovelace");
    await byId(ada.page, "name-input").press("Enter");
    await waitForStatus(ada.page, "synced");
    await editor(ada.page).pressSequentially("hello");
    await waitFor("Bob sees Ada's cursor", async () => (await bob.page.locator(".ql-cursor").count()) === 1);
    await waitFor("with her name", async () =>
      (await bob.page.locator(".ql-cursor").textContent())?.includes("Ada Lovelace"),
    );
    await ada.page.close();
    await waitFor("the cursor is gone", async () => (await bob.page.locator(".ql-cursor").count()) === 0);
  });

  test("a bold word stays bold for the other", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(0, id), pageOn(1, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    await editor(ada.page).click();
    await ada.page.keyboard.press("Control+b");
    await ada.page.keyboard.type("bold");
    await waitFor(
      "Bob sees it bold",
      async () => (await editor(bob.page).locator("strong").allInnerTexts()).join("") === "bold",
    );
  });

  test("what is typed while the server is down is kept, told, and arrives", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(0, id), pageOn(1, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    await cluster().replicas[0]?.process.stop();
    await waitForStatus(ada.page, "offline");
    await editor(ada.page).pressSequentially("offline words");
    assert.equal(await ada.page.evaluate(() => document.documentElement.dataset["unsaved"]), "true");
    await cluster().restartReplica(0);
    await waitForSaved(ada.page);
    await waitFor("Bob has the words", async () => (await editorText(bob.page)).includes("offline words"));
  });

  test("typing goes on in degraded mode", async () => {
    const { page } = await pageOn(1, newId());
    await waitForStatus(page, "synced");
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await editor(page).pressSequentially("still here");
    await waitForSaved(page);
    await cluster().startRedis();
    await waitForMode(cluster(), "cluster");
  });

  test("the editor fits a phone", async () => {
    const { page } = await open(`${cluster().replicas[2]?.url}/d/${newId()}`, { width: 360, height: 740 });
    await waitForStatus(page, "synced");
    const { scrollWidth, clientWidth } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      clientWidth: document.documentElement.clientWidth,
    }));
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} > ${clientWidth}`);
    await editor(page).pressSequentially("on a phone");
    await waitForSaved(page);
  });
});
