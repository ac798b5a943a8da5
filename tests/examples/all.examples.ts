import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { type Process, start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { type Replica, root, runtimeCommand, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { freePort } from "../../deploy/local/free-port.ts";
import { useBrowser } from "../support/browser.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const key = "k".repeat(32);

describe("examples", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const browse = useBrowser();
  const running: Process[] = [];
  let server: Replica | undefined;
  after(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await server?.process.stop();
  });

  /** The server, for a page of this port; started again it has its documents. */
  async function serverFor(port: number, at = 0): Promise<Replica> {
    await server?.process.stop();
    const env = {
      CLIENT_ORIGIN: `http://localhost:${port}`,
      API_KEYS: key,
      DATA_FILE: join(folder, "data.sqlite"),
      PORT: String(at),
    };
    return (server = await startReplica({ runtime: "node", env }));
  }

  async function open(name: string): Promise<{ pages: [Page, Page]; port: number; errors: string[] }> {
    const port = await freePort();
    const { url } = await serverFor(port);
    const args = [join(root, "examples/run.ts"), name, "--port", String(port), "--server", url];
    const example = await start({ command: runtimeCommand("node"), args });
    running.push(example);
    await waitWhileRunning(example, "it says where", () => example.output().includes("open http"));
    const [one, two] = [await browse(`http://localhost:${port}`), await browse(`http://localhost:${port}`)];
    const ready = (page: Page) =>
      page.waitForFunction("/^(Saved|Connected as)/.test(document.querySelector('#status').textContent)");
    await Promise.all([ready(one.page), ready(two.page)]);
    return { pages: [one.page, two.page], port, errors: one.errors };
  }

  const editors = [
    ["codemirror", ".cm-content", ".cm-ySelectionInfo"],
    ["tiptap", ".tiptap", ".collaboration-carets__label, .collaboration-carets__caret"],
  ] as const;
  for (const [name, selector, caret] of editors) {
    test(`${name}: two people, one text, an undo of one's own, and a server that goes away`, async () => {
      const { pages, port, errors } = await open(name);
      const [ada, bob] = pages;
      const reads = (page: Page, text: string) =>
        waitFor(`it reads ${text}`, async () => (await page.locator(selector).innerText()).includes(text));
      await ada.locator(selector).click();
      await ada.keyboard.type("Hello from Ada. ");
      await reads(bob, "Hello from Ada.");
      await bob.locator(selector).click();
      await bob.keyboard.press("Control+End");
      await bob.keyboard.type("And Bob.");
      await reads(ada, "And Bob.");
      await waitFor("Ada sees Bob's caret", async () => (await ada.locator(caret).count()) > 0);
      await bob.keyboard.press("Control+z");
      await waitFor(
        "it is undone",
        async () => !(await bob.locator(selector).innerText()).includes("And Bob."),
      );
      await reads(bob, "Hello from Ada.");

      const at = server?.port;
      await server?.process.stop();
      await ada.keyboard.type("Typed while it was away.");
      await serverFor(port, at);
      await reads(bob, "Typed while it was away.");
      await ada.waitForFunction("document.querySelector('#status').textContent === 'Saved'");
      await bob.reload();
      await reads(bob, "Typed while it was away.");
      assert.deepEqual(errors, []);
    });
  }

  test("cursor-board: everybody sees the others' cursors, and not for longer than they are there", async () => {
    const { pages, errors } = await open("cursor-board");
    const [ada, bob] = pages;
    const box = await ada.locator("#board").boundingBox();
    assert.ok(box);
    await ada.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
    await bob.waitForSelector(".cursor");
    const style = await bob.locator(".cursor").getAttribute("style");
    assert.match(style ?? "", /left: (49|50)[.\d]*%; top: (24|25)[.\d]*%/);
    await ada.close();
    await waitFor("it is gone", async () => (await bob.locator(".cursor").count()) === 0);
    assert.deepEqual(errors, []);
  });

  for (const runtime of runtimes) {
    test(`node-backend on ${runtime} writes into a document`, async () => {
      const { url } = await serverFor(await freePort());
      const program = join(root, "examples/node-backend/main.ts");
      const flags = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] }[runtime];
      const write = async (line: string, withKey = key) => {
        const child = await start({
          command: runtimeCommand(runtime),
          args: [...flags, program, `backend-${runtime}`, line],
          env: { TRIMARAN_URL: url, TRIMARAN_KEY: withKey },
        });
        const { code } = await child.exited;
        return { code, output: child.output() };
      };
      for (const line of ["one", "two"]) assert.equal((await write(line)).code, 0);
      const headers = { accept: "application/json", authorization: `Bearer ${key}` };
      const document = await fetch(`${url}/api/documents/backend-${runtime}`, { headers });
      assert.match(await document.text(), /one\\ntwo\\n/);
      const refused = await write("three", "wrong");
      assert.equal(refused.code, 1);
      assert.match(refused.output, /401/);
    });
  }

  test("the launcher starts a server of its own, and says what there is", async () => {
    // Not among the documents of whoever runs the tests.
    const dir = ["--dir", folder];
    const launch = (...args: string[]) =>
      start({ command: "npm", args: ["run", "example", "--", ...args], cwd: root });
    const backend = await launch("node-backend", ...dir);
    assert.equal((await backend.exited).code, 0, backend.output());
    assert.match(backend.output(), /written into example-codemirror/);
    const wrong = await launch("nonsense");
    assert.equal((await wrong.exited).code, 1);
    assert.match(wrong.output(), /there is no example "nonsense"/);
    const help = await launch("--help");
    assert.equal((await help.exited).code, 0);
    // Not through npm, which does not pass a signal on.
    const show = async (...args: string[]) => {
      const file = join(root, "examples/run.ts");
      const page = await start({ command: runtimeCommand("node"), args: [file, ...args, ...dir] });
      running.push(page);
      return page;
    };
    const noPort = await show("tiptap", "--port", "x");
    await waitFor("it ends", () => !noPort.isRunning());
    assert.match(noPort.output(), /--port x: expected 0 to 65535/);
    const board = await show("cursor-board", "--port", "0");
    const [, url = ""] = await waitWhileRunning(board, "it says where", () =>
      /open (http:\/\/localhost:\d+)/.exec(board.output()),
    );
    assert.equal((await fetch(`${url}/main.js`)).status, 200);
  });
});
