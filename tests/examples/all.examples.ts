import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { root } from "../../deploy/local/replica.ts";
import { listExamples } from "../../examples/list.ts";
import { useExamples } from "../support/examples.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("examples", { timeout: groupTimeoutMs }, () => {
  const { launch, open } = useExamples();

  test("cursor-board: each visitor sees the others' cursors, and not for longer than they are there", async () => {
    const { pages, errors } = await open("cursor-board", /^Connected as/);
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

  test("the launcher starts a server of its own, and says what there is", async () => {
    const wrong = await start({
      command: "npm",
      args: ["run", "example", "--", "nonsense"],
      cwd: root,
    });
    assert.equal((await wrong.exited).code, 1);
    assert.match(wrong.output(), /there is no example "nonsense"/);
    const help = await launch("--help");
    assert.equal((await help.exited).code, 0);
    for (const { name, about } of listExamples()) assert.ok(help.output().includes(`${about}\n`), name);
    const noPort = await launch("cursor-board", "--port", "x");
    await waitFor("it ends", () => !noPort.isRunning());
    assert.match(noPort.output(), /--port x: expected 0 to 65535/);
    const board = await launch("cursor-board", "--port", "0");
    const [, url = ""] = await waitWhileRunning(board, "it says where", () =>
      /open (http:\/\/localhost:\d+)/.exec(board.output()),
    );
    assert.equal((await fetch(`${url}/main.js`)).status, 200);
  });
});
