import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import type { PartView, Snapshot } from "../../deploy/local/control-room/contract.ts";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { useBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`);
const editorOf = (page: Page, name: string) => byId(page, `editor-${name}`).locator(".ql-editor");
const stateOf = (page: Page, part: string) => byId(page, part).getAttribute("data-state");
const press = (page: Page, action: string, part: string) =>
  byId(page, part)
    .getByRole("button", { name: new RegExp(`^${action} `) })
    .click();

/** As the page is told. */
async function partsOf(url: string): Promise<PartView[]> {
  const reply = await fetch(`${url}/events`);
  let text = "";
  for await (const chunk of reply.body ?? []) {
    text += Buffer.from(chunk).toString();
    const snapshot = /event: snapshot\ndata: (.*)\n/.exec(text)?.[1];
    if (snapshot !== undefined) return (JSON.parse(snapshot) as Snapshot).parts;
  }
  throw new Error(`no snapshot came: ${text}`);
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("the control room, in Chromium, of the real launcher", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const open = useBrowser();
  let launcher: Process;
  let url = "";
  let takenPort = 0;
  const taken = createServer();

  before(async () => {
    takenPort = await freePort();
    await once(taken.listen(takenPort, "127.0.0.1"), "listening");
    launcher = await start({
      command: runtimeCommand("node"),
      args: [
        "deploy/local/main.ts",
        "--port",
        "0",
        "--dir",
        folder,
        "--control-room-port",
        String(takenPort),
      ],
      cwd: root,
      env: { DRAIN_MS: "0" },
    });
    url = await waitWhileRunning(
      launcher,
      "it prints the control room's address",
      () => /(http:\/\/localhost:\d+) +the control room/.exec(launcher.output())?.[1],
      40_000,
    );
    await waitFor("it prints the rest", () => /Ctrl-C stops everything/.test(launcher.output()));
  });
  after(async () => {
    await launcher?.stop();
    taken.close();
  });

  const act = (part: string, action: string) =>
    fetch(`${url}/parts/${part}/${action}`, { method: "POST", headers: { origin: url } });

  test("its port was taken: it is on another, and says so", () => {
    assert.notEqual(new URL(url).port, String(takenPort));
    assert.match(launcher.output(), new RegExp(`port ${takenPort} is taken`));
  });

  test("each part is killed or hangs while two people type: nothing is lost", async () => {
    const { page, errors } = await open(url, { width: 1440, height: 900 });
    const words: string[] = [];
    /** One word by each of the two, by the keyboard. */
    async function typeOn(): Promise<void> {
      for (const name of ["Ada", "Bob"]) {
        const word = `${name}${words.length}`;
        await editorOf(page, name).pressSequentially(`${word} `);
        words.push(word);
      }
    }
    async function typeUntil(what: string, condition: () => Promise<boolean>): Promise<void> {
      await waitFor(
        what,
        async () => {
          await typeOn();
          return condition();
        },
        30_000,
      );
    }
    const isIn = (part: string, state: string) => async () => (await stateOf(page, part)) === state;
    const areSynced = async () =>
      (await byId(page, "editors").locator('.editor[data-status="synced"]').count()) === 2;
    const placeOf = (name: string) => byId(page, `person-${name}`).getAttribute("data-on");
    const logHas = async (text: string) => (await byId(page, "log").innerText()).includes(text);

    for (const part of ["caddy", "replica-1", "replica-2", "replica-3", "redis"])
      await waitFor(`${part} serves`, isIn(part, "serving"));
    await waitFor("both are in", areSynced);
    await waitFor("on different replicas", async () => {
      const [ada, bob] = [await placeOf("Ada"), await placeOf("Bob")];
      return ada && bob && ada !== bob;
    });
    await waitFor("the drawing has a line from each to a replica", async () => {
      const ids = await page
        .locator("svg path.person")
        .evaluateAll((paths) => paths.map((path) => path.getAttribute("data-wire")));
      return (
        ids.some((id) => id?.startsWith("Ada:replica")) && ids.some((id) => id?.startsWith("Bob:replica"))
      );
    });

    for (const [index, label] of ["1-node", "2-bun", "3-deno"].entries()) {
      const part = `replica-${index + 1}`;
      await press(page, "Kill", part);
      await typeUntil(`${part} is shown dead`, isIn(part, "dead"));
      assert.match(await byId(page, part).locator("summary").innerText(), /SIGKILL/);
      await typeUntil("the log says it", () => logHas(`${label} was killed`));
      await press(page, "Start", part);
      await typeUntil(`${part} serves again`, isIn(part, "serving"));
      await typeUntil("the log says how long it took", () => logHas(`${label} is up after`));
    }

    await press(page, "Kill", "caddy");
    await typeUntil("Caddy is dead", isIn("caddy", "dead"));
    await typeUntil("both are offline, and it is told", async () =>
      /unsaved and kept/.test(await byId(page, "status-Ada").innerText()),
    );
    await press(page, "Start", "caddy");
    await typeUntil("both are back", async () => (await areSynced()) && (await isIn("caddy", "serving")()));

    await press(page, "Kill", "redis");
    await typeUntil(
      "replicas are shown degraded",
      async () => (await byId(page, "map").locator('.replica[data-mode="degraded"]').count()) === 3,
    );
    await press(page, "Start", "redis");
    await typeUntil(
      "and in cluster mode again",
      async () => (await byId(page, "map").locator('.replica[data-mode="cluster"]').count()) === 3,
    );

    await press(page, "Hang", "redis");
    await typeUntil("Redis is shown hung", isIn("redis", "hung"));
    await press(page, "Wake", "redis");
    await typeUntil("and serves again", isIn("redis", "serving"));

    // Clicked twice, as the impatient do; a part that hangs is killed first.
    await press(page, "Hang", "replica-2");
    await typeUntil("a replica is shown hung", isIn("replica-2", "hung"));
    await Promise.all([
      press(page, "Restart", "replica-2"),
      press(page, "Restart", "replica-2").catch(() => undefined),
    ]);
    await typeUntil("and serves again", isIn("replica-2", "serving"));

    await waitFor(
      "the page finds both documents equal and everything saved",
      async () => (await byId(page, "proof").getAttribute("data-exactly")) === "good",
      30_000,
    );
    assert.match(await byId(page, "proof").innerText(), /characters typed, 0 lost: both documents are equal/);
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

  test("it types and says by itself, and every message comes once", async () => {
    const { page } = await open(url, { width: 1440, height: 900 });
    await byId(page, "autopilot").click();
    await press(page, "Kill", "replica-3");
    await waitFor("it is dead", async () => (await stateOf(page, "replica-3")) === "dead");
    await press(page, "Start", "replica-3");
    await waitFor("it serves", async () => (await stateOf(page, "replica-3")) === "serving", 60_000);
    const counts = async () =>
      /(\d+) sent, (\d+) received, (\d+) doubled/
        .exec(await byId(page, "proof").innerText())
        ?.slice(1)
        .map(Number) ?? [];
    await waitFor("messages come", async () => Number((await counts())[1]) >= 3, 60_000);
    await byId(page, "autopilot").click();
    await waitFor(
      "all are there",
      async () => {
        const [sent, received] = await counts();
        return sent === received && (await byId(page, "proof").getAttribute("data-exactly")) === "good";
      },
      30_000,
    );
    assert.equal((await counts())[2], 0, "none is doubled");
    await page.close();
  });

  test("fits one screen, and a phone without scrolling sideways; axe finds nothing, light and dark", async () => {
    const { page } = await open(url, { width: 1440, height: 900 });
    await waitFor("it is drawn", async () => (await stateOf(page, "redis")) === "serving");
    // However much is written.
    await waitFor(
      "both are in",
      async () => (await page.locator('.editor[data-status="synced"]').count()) === 2,
    );
    for (let line = 0; line < 60; line += 1) await editorOf(page, "Ada").press("Enter");
    const overflow = () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
        return { across: scrollWidth - clientWidth, down: scrollHeight - clientHeight };
      });
    assert.deepEqual(await overflow(), { across: 0, down: 0 });
    // Something dead has looks of its own.
    await press(page, "Kill", "replica-1");
    await waitFor("it is dead", async () => (await stateOf(page, "replica-1")) === "dead");
    await page.evaluate(readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8"));
    for (const [width, colorScheme] of [
      [1440, "light"],
      [1440, "dark"],
      [390, "light"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
      );
      assert.deepEqual(
        violations.map(
          ({ id, nodes }) => `${width} ${colorScheme} ${id}: ${nodes.map(({ html }) => html).join("\n")}`,
        ),
        [],
      );
      assert.equal((await overflow()).across, 0, `${width}`);
    }
    assert.equal((await act("replica-1", "start")).status, 200);
    await page.close();
  });

  test("a part that ends by itself is shown with how, and its last lines", async () => {
    const { page } = await open(url, { width: 1440, height: 900 });
    await waitFor("it is drawn", async () => (await stateOf(page, "caddy")) === "serving");
    const caddy = (await partsOf(url)).find(({ part }) => part === "caddy");
    assert.ok(caddy);
    process.kill(caddy.pid, "SIGTERM");
    await waitFor("Caddy is shown dead", async () => (await stateOf(page, "caddy")) === "dead");
    await waitFor("the log says it", async () =>
      (await byId(page, "log").innerText()).includes("Caddy ended by itself (exit code 0)"),
    );
    assert.match((await byId(page, "caddy").locator("pre").textContent()) ?? "", /shutdown complete/);
    await press(page, "Start", "caddy");
    await waitFor("it is back", async () => (await stateOf(page, "caddy")) === "serving");
    await page.close();
  });

  test("a replica that is paused by somebody else is shown not answering; the others' figures go on", async () => {
    const { page } = await open(url, { width: 1440, height: 900 });
    const replica = (await partsOf(url)).find(({ part }) => part === "replica-3");
    assert.ok(replica);
    process.kill(replica.pid, "SIGSTOP");
    try {
      await waitFor("it is shown", async () => (await stateOf(page, "replica-3")) === "silent");
      await waitFor("the log says it", async () =>
        (await byId(page, "log").innerText()).includes("3-deno does not answer"),
      );
      for (const part of ["replica-2", "redis", "caddy"])
        assert.equal(await stateOf(page, part), "serving", part);
    } finally {
      process.kill(replica.pid, "SIGCONT");
    }
    await waitFor("it answers again", async () => (await stateOf(page, "replica-3")) === "serving");
    await page.close();
  });

  test("orders that come all at once leave one process that serves", async () => {
    const find = async () => (await partsOf(url)).find(({ part }) => part === "replica-2");
    const old = (await find())?.pid ?? 0;
    const orders = ["kill", "start", "hang", "start", "restart", "stop", "start", "kill", "start"];
    const replies = await Promise.all(orders.map((action) => act("replica-2", action)));
    for (const [index, { status }] of replies.entries())
      assert.ok([200, 409].includes(status), `${orders[index]} ${status}`);
    assert.equal((await act("replica-2", "start")).status, 200);
    const replica = await waitFor("it serves", async () => {
      const view = await find();
      return view?.state === "serving" && view;
    });
    assert.notEqual(replica.pid, old);
    assert.ok(isAlive(replica.pid) && !isAlive(old));
    // Linux says who somebody's children are.
    const children = `/proc/${launcher.pid}/task/${launcher.pid}/children`;
    if (existsSync(children))
      assert.equal(readFileSync(children, "utf8").trim().split(" ").length, 5, "none is left over");
    assert.equal((await act("nothing", "kill")).status, 409);
  });

  test("Ctrl-C stops everything, what hangs too", async () => {
    assert.equal((await act("replica-3", "hang")).status, 200);
    assert.equal((await act("redis", "hang")).status, 200);
    const running = (await partsOf(url)).map(({ pid }) => pid).filter(isAlive);
    assert.equal(running.length, 5);
    process.kill(launcher.pid, "SIGINT");
    assert.deepEqual((await launcher.exited).code, 0);
    for (const pid of running) await waitFor(`${pid} is gone`, () => !isAlive(pid));
    await assert.rejects(fetch(url));
  });
});
