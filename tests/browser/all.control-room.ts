import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import { type LocalCluster, startCluster } from "../../deploy/local/cluster.ts";
import type { PartView, Snapshot } from "../../deploy/local/control-room/contract.ts";
import { type ControlRoom, openControlRoom } from "../../deploy/local/control-room/open.ts";
import { freePort } from "../../deploy/local/free-port.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { axeViolations } from "../support/axe.ts";
import { useBrowser } from "../support/browser.ts";
import {
  breakEachPart,
  byId,
  press,
  proofOf,
  stateOf,
  useLauncher,
  waitForProof,
  waitForUsers,
} from "../support/control-room.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

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

/* What the features show in it is tested in the folders of their tests. */

describe("the control room of an app whose features have no pane", { timeout: groupTimeoutMs }, () => {
  const open = useBrowser();
  let room: ControlRoom | undefined;
  let cluster: LocalCluster | undefined;
  before(async () => {
    room = await openControlRoom(0, []);
    cluster = await startCluster({ runtimes, env: { DRAIN_MS: "0", ...room.env } });
    room.show(cluster);
  });
  after(async () => {
    room?.close();
    await cluster?.stop();
  });

  test("each user sees where the other points", async () => {
    const { page } = await open(room?.url ?? "", { width: 1440, height: 900 });
    await waitForUsers(page);
    assert.match(await proofOf(page), /^Move the pointer/);
    const box = await byId(page, "board-Ada").boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    const pointer = byId(page, "board-Bob").locator(".pointer");
    await waitFor("Bob's board has Ada's pointer", async () => (await pointer.count()) === 1);
    assert.equal(await pointer.innerText(), "Ada");
    assert.match((await pointer.getAttribute("style")) ?? "", /left: (49|50)[.\d]*%; top: (24|25)[.\d]*%/);
    assert.equal(await byId(page, "board-Ada").locator(".pointer").count(), 0, "not one's own");
    await waitForProof(page);
    await page.close();
  });

  test("each part is killed or hangs while the autopilot points: each user has the latest position", async () => {
    const { page, errors } = await open(room?.url ?? "", { width: 1440, height: 900 });
    await byId(page, "autopilot").click();
    const positions = async () => Number(/^(\d+) positions/.exec(await proofOf(page))?.[1] ?? 0);
    await waitFor("the autopilot points", async () => (await positions()) > 0);
    await breakEachPart(page);
    const before = await positions();
    await waitFor("it goes on", async () => (await positions()) > before);
    await byId(page, "autopilot").click();
    await waitForProof(page);
    assert.match(await proofOf(page), /each user sees the latest one of the other/);
    assert.deepEqual(
      errors.filter((error) => !error.includes("WebSocket")),
      [],
    );
    await page.close();
  });
});

describe("the control room, in Chromium, of the real launcher", { timeout: groupTimeoutMs }, () => {
  const open = useBrowser();
  let takenPort = 0;
  const taken = createServer();
  before(async () => {
    takenPort = await freePort();
    await once(taken.listen(takenPort, "127.0.0.1"), "listening");
  });
  const room = useLauncher(() => takenPort);
  after(() => void taken.close());

  const act = (part: string, action: string) =>
    fetch(`${room().url}/parts/${part}/${action}`, { method: "POST", headers: { origin: room().url } });

  test("its port was taken: it is on another, and says so", () => {
    assert.notEqual(new URL(room().url).port, String(takenPort));
    assert.match(room().launcher.output(), new RegExp(`port ${takenPort} is taken`));
  });

  test("fits one screen, and a phone without scrolling sideways; axe finds nothing, light and dark", async () => {
    const { page } = await open(room().url, { width: 1440, height: 900 });
    await waitFor("it is drawn", async () => (await stateOf(page, "redis")) === "serving");
    await waitForUsers(page);
    const overflow = () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
        return { across: scrollWidth - clientWidth, down: scrollHeight - clientHeight };
      });
    assert.deepEqual(await overflow(), { across: 0, down: 0 });
    // Something dead has looks of its own.
    await press(page, "Kill", "replica-1");
    await waitFor("it is dead", async () => (await stateOf(page, "replica-1")) === "dead");
    for (const [width, colorScheme] of [
      [1440, "light"],
      [1440, "dark"],
      [390, "light"],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await axeViolations(page), [], `${width} ${colorScheme}`);
      assert.equal((await overflow()).across, 0, `${width}`);
    }
    assert.equal((await act("replica-1", "start")).status, 200);
    await page.close();
  });

  test("a part that ends by itself is shown with how, and its last lines", async () => {
    const { page } = await open(room().url, { width: 1440, height: 900 });
    await waitFor("it is drawn", async () => (await stateOf(page, "caddy")) === "serving");
    const caddy = (await partsOf(room().url)).find(({ part }) => part === "caddy");
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
    const { page } = await open(room().url, { width: 1440, height: 900 });
    const replica = (await partsOf(room().url)).find(({ part }) => part === "replica-3");
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
    const find = async () => (await partsOf(room().url)).find(({ part }) => part === "replica-2");
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
    const children = `/proc/${room().launcher.pid}/task/${room().launcher.pid}/children`;
    if (existsSync(children))
      assert.equal(readFileSync(children, "utf8").trim().split(" ").length, 5, "none is left over");
    assert.equal((await act("nothing", "kill")).status, 409);
  });

  test("Ctrl-C stops everything, what hangs too", async () => {
    assert.equal((await act("replica-3", "hang")).status, 200);
    assert.equal((await act("redis", "hang")).status, 200);
    const running = (await partsOf(room().url)).map(({ pid }) => pid).filter(isAlive);
    assert.equal(running.length, 5);
    process.kill(room().launcher.pid, "SIGINT");
    assert.deepEqual((await room().launcher.exited).code, 0);
    for (const pid of running) await waitFor(`${pid} is gone`, () => !isAlive(pid));
    await assert.rejects(fetch(room().url));
  });
});
