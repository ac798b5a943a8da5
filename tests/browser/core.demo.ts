import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { byId, pageIsCopied, useBrowser, waitForStatus } from "../support/browser.ts";
import { useRestartable } from "../support/restartable.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

/* What the page has with any features: tests of features have the rest. */
describe("the page with this app's features", { timeout: groupTimeoutMs }, () => {
  const serve = useRestartable();
  const open = useBrowser();
  const token = (sub: string) => makeToken({ sub, name: sub, documents: { "*": "write" } });

  test("opens while the server is down, says so, and joins when the server is up", async () => {
    const server = await serve("open");
    const address = `${server.url}/d/${newId()}`;
    const { page } = await open(address);
    await waitForStatus(page, "synced");
    await pageIsCopied(page);
    await server.process.stop();
    await waitForStatus(page, "offline");
    await page.close();
    const again = await open(address);
    await waitForStatus(again.page, "offline");
    assert.match(await byId(again.page, "status").innerText(), /Offline/);
    await serve("open");
    await waitForStatus(again.page, "synced");
    assert.deepEqual(again.errors, []);
  });

  test("opens while the server hangs, and joins when it goes on", async () => {
    const { url, process: server } = await serve("open");
    const { page } = await open(`${url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    await pageIsCopied(page);
    server.kill("SIGSTOP");
    try {
      await page.reload();
      await waitForStatus(page, "connecting");
    } finally {
      server.kill("SIGCONT");
    }
    await waitForStatus(page, "synced");
  });

  test("lists the rooms that were opened, for each user alone, and forgets one", async () => {
    const { url } = await serve("signed", { AUTH_SECRET: authSecret });
    const [first, second] = [newId(), newId()];
    const { page } = await open(`${url}/d/${first}#token=${await token("ada")}`);
    await waitForStatus(page, "synced");
    await byId(page, "open-input").fill(second);
    await byId(page, "open-input").press("Enter");
    await page.waitForURL(`**/d/${second}`);
    await waitForStatus(page, "synced");
    await byId(page, "recent-summary").press("Enter");
    const entries = page.locator(".recent-item a");
    assert.deepEqual(await entries.allInnerTexts(), [second, first]);
    await page.getByLabel(`Forget ${first} on this device`).click();
    assert.deepEqual(await entries.allInnerTexts(), [second]);
    await page.keyboard.press("Escape");
    assert.equal(await byId(page, "recent").getAttribute("open"), null);
    const bob = await open(`${url}/d/${newId()}#token=${await token("bob")}`);
    await waitForStatus(bob.page, "synced");
    await byId(bob.page, "recent-summary").click();
    assert.ok(!(await byId(bob.page, "recent-list").innerText()).includes(second));
  });

  test("marks the tabs of one user; is as high as the window, and all header buttons of a phone are in one row", async () => {
    const { url } = await serve("open");
    const address = `${url}/d/${newId()}`;
    const first = await open(address);
    const second = await open(address, { width: 360, height: 740 });
    await Promise.all([waitForStatus(first.page, "synced"), waitForStatus(second.page, "synced")]);
    for (const { page } of [first, second]) {
      const labels = page.locator(".you");
      await waitFor("both tabs are marked", async () => (await labels.count()) === 2);
      assert.deepEqual(await labels.allInnerTexts(), ["you", "you, in another tab"]);
    }
    const heights = await first.page.evaluate(() => [document.documentElement.scrollHeight, innerHeight]);
    assert.equal(heights[0], heights[1]);
    const tops = await second.page
      .locator(".top > button, .recent summary")
      .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 1, tops.join());
  });

  test("light, dark, or as the system; remembered", async () => {
    const { url } = await serve("open");
    const { page } = await open(`${url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await ground();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await ground();
    assert.notEqual(light, dark);
    await byId(page, "theme").click();
    assert.equal(await ground(), light, "light by choice");
    await page.reload();
    assert.equal(await ground(), light, "remembered");
    await page.emulateMedia({ colorScheme: "light" });
    await byId(page, "theme").click();
    assert.equal(await ground(), dark, "dark by choice");
    await byId(page, "theme").click();
    assert.equal(await byId(page, "theme").getAttribute("aria-label"), "Theme: as the system");
  });

  test("by keyboard: keys are listed, and focus is seen and goes where the user looks", async () => {
    const { url } = await serve("open");
    const { page } = await open(`${url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.className), "skip");
    await byId(page, "help-open").focus();
    await page.keyboard.press("?");
    assert.ok(await byId(page, "help").isVisible());
    await page.keyboard.press("Escape");
    assert.ok(await byId(page, "help").isHidden());
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-testid")), "help-open");
    await byId(page, "name-input").focus();
    await page.keyboard.type("?");
    assert.ok(await byId(page, "help").isHidden(), "a question mark that is typed opens nothing");
  });
});
