import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { waitFor } from "../../deploy/local/process.ts";
import { type Replica, startReplica } from "../../deploy/local/replica.ts";
import { axeViolations } from "../support/axe.ts";
import { editorText, useBrowser, waitForSaved, waitForStatus } from "../support/browser.ts";
import { newId } from "../support/sockets.ts";
import { useClients } from "../features/documents/support/clients.ts";
import { temporaryFolder } from "../support/folder.ts";
import { metric } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`);
const editor = (page: Page) => page.locator('[data-testid="editor"] .ql-editor');

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

/** Heights of the header's controls, a list for each of its rows where they differ by more than a border. */
const unevenRows = (page: Page) =>
  page.evaluate(() => {
    const rows: DOMRect[][] = [];
    for (const control of document.querySelectorAll(".top :is(input, button, summary)")) {
      const box = control.getBoundingClientRect();
      const row = rows.find(([first]) => first && box.top < first.bottom && box.bottom > first.top);
      if (row) row.push(box);
      else rows.push([box]);
    }
    const heights = rows.map((row) => row.map(({ height }) => height));
    return heights.filter((row) => Math.max(...row) - Math.min(...row) > 4);
  });

/** From here on it opens without the server. */
const pageIsCopied = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

describe("the page on one's device", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const open = useBrowser();
  const { person } = useClients();
  const servers = new Map<string, Replica>();
  after(() => Promise.all([...servers.values()].map(({ process }) => process.stop())));

  /** A server that has its documents again when it is started again. */
  async function serve(name: string, env: Record<string, string> = {}): Promise<Replica> {
    const before = servers.get(name);
    if (before?.process.isRunning()) return before;
    const started = await startReplica({
      runtime: "node",
      env: { DATA_FILE: join(folder, `${name}.sqlite`), PORT: String(before?.port ?? 0), ...env },
    });
    servers.set(name, started);
    return started;
  }

  test("what was typed while the server was away survives a closed tab, and is merged with what others typed", async () => {
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

  test("two people who use one browser have copies and lists of their own", async () => {
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
    await byId(bob.page, "recent-summary").click();
    assert.ok(!(await byId(bob.page, "recent-list").innerText()).includes(id));
    const names = await bob.page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    assert.ok(
      names.some((name) => name === `trimaran:doc:ada:${id}`),
      names.join(),
    );
    await bob.page.goto(`${server.url}/d/${id}`);
    await waitForSaved(bob.page);
    assert.equal((await editorText(bob.page)).trim(), "of Ada", "and not what only Ada has");
  });

  test("documents that were opened are listed, and can be forgotten", async () => {
    const server = await serve("open");
    const [first, second] = [newId(), newId()];
    const { page } = await open(`${server.url}/d/${first}`);
    await waitForStatus(page, "synced");
    await editor(page).pressSequentially("kept");
    await waitForSaved(page);
    await copyIsWritten(page, `trimaran:doc::${first}`);
    const sent = () => metric(server.url, "trimaran_events_total", { event: "send-changes" });
    const before = await sent();
    await page.reload();
    await waitForSaved(page);
    assert.equal((await editorText(page)).trim(), "kept");
    assert.equal(await sent(), before, "a copy is no edit: nothing of it is sent");
    await byId(page, "open-input").fill(second);
    await byId(page, "open-input").press("Enter");
    await page.waitForURL(`**/d/${second}`);
    await waitForStatus(page, "synced");
    await byId(page, "recent-summary").press("Enter");
    const entries = page.locator(".recent-item a");
    assert.deepEqual((await entries.allInnerTexts()).slice(0, 2), [second, first]);
    await page.getByLabel(`Forget ${first} on this device`).click();
    assert.ok(!(await entries.allInnerTexts()).includes(first));
    await waitFor("its copy is gone", async () =>
      (await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).every(
        (name) => !name?.endsWith(first),
      ),
    );
    await page.keyboard.press("Escape");
    assert.equal(await byId(page, "recent").getAttribute("open"), null);
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

  test("axe finds nothing, in any state, wide and narrow, light and dark; nothing scrolls sideways", async () => {
    const server = await serve("axe", { AUTH_SECRET: authSecret });
    const id = newId();
    const ada = await person(server.url, id, {
      name: "Ada",
      token: await makeToken({ sub: "ada", name: "Ada", documents: { "*": "write" } }),
    });
    ada.provider.awareness.setLocalStateField("user", { name: "Ada", color: "#0e7490" });
    const writer = await makeToken({ sub: "bob", name: "Bob", documents: { "*": "write" } });
    const { page, errors } = await open(`${server.url}/d/${id}#token=${writer}`);
    const checks: string[] = [];
    async function check(state: string): Promise<void> {
      for (const scheme of ["light", "dark"] as const) {
        for (const [width, height] of [
          [1280, 800],
          [390, 844],
          [320, 640],
        ] as const) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          await page.setViewportSize({ width, height });
          const violations = await axeViolations(page);
          assert.deepEqual(violations, [], `${state}, ${scheme}, ${width}`);
          const isWider = await page.evaluate(
            () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
          );
          assert.ok(!isWider, `${state}, ${width}: scrolls sideways`);
          assert.deepEqual(
            await unevenRows(page),
            [],
            `${state}, ${width}: controls of one row in one height`,
          );
          checks.push(state);
        }
      }
    }
    await waitForStatus(page, "synced");
    await check("empty");
    await editor(page).pressSequentially("Something to read. ");
    await page.setViewportSize({ width: 1280, height: 800 });
    await byId(page, "chat-input").fill("Hello");
    await byId(page, "chat-send").click();
    ada.socket.emit("send-message", { documentId: id, id: "1", text: "Hi, Bob" }, () => {});
    await waitFor("both are there", async () => (await byId(page, "chat-list").locator("li").count()) === 2);
    await check("with people and a chat");
    await byId(page, "recent-summary").click();
    await check("with the list of documents");
    await page.keyboard.press("Escape");
    await byId(page, "help-open").click();
    await check("with the list of keys");
    await page.keyboard.press("Escape");
    await server.process.stop();
    await waitForStatus(page, "offline");
    await check("offline");
    const { url } = await serve("axe", { AUTH_SECRET: authSecret });
    const reader = await makeToken({ sub: "rita", documents: { "*": "read" } });
    await page.goto(`${url}/d/${id}#token=${reader}`);
    await waitForStatus(page, "synced");
    await check("read-only");
    await page.goto(`${url}/docs`);
    await check("the reference");
    assert.equal(checks.length, 42);
    assert.deepEqual(errors, []);
  });

  test("all of it by keyboard: keys are listed, focus is seen and goes where one looks", async () => {
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
    await editor(page).click();
    await page.keyboard.type("What?");
    assert.ok(await byId(page, "help").isHidden(), "a question is no command");
    await page.keyboard.press("Escape");
    assert.ok(!(await editor(page).evaluate((element) => element.contains(document.activeElement))));
  });
});
