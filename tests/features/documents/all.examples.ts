import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { waitFor } from "../../../deploy/local/process.ts";
import { runtimes } from "../../../deploy/local/replica.ts";
import { useExamples } from "../../support/examples.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";

describe("examples with documents", { timeout: groupTimeoutMs }, () => {
  const { key, launch, open, run, server } = useExamples();

  const editors = [
    ["codemirror", ".cm-content", ".cm-ySelectionInfo"],
    ["tiptap", ".tiptap", ".collaboration-carets__label, .collaboration-carets__caret"],
  ] as const;
  for (const [name, selector, caret] of editors) {
    test(`${name}: two users, one text, an undo of one's own, and a server that goes away`, async () => {
      const { pages, errors, stop, resume } = await open(name, /^Saved/);
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

      await stop();
      await ada.keyboard.type("Typed while it was away.");
      await resume();
      await reads(bob, "Typed while it was away.");
      await ada.waitForFunction("document.querySelector('#status').textContent === 'Saved'");
      await bob.reload();
      await reads(bob, "Typed while it was away.");
      assert.deepEqual(errors, []);
    });
  }

  for (const runtime of runtimes) {
    test(`node-backend on ${runtime} writes into a document`, async () => {
      const { url } = await server();
      const program = "src/features/documents/examples/node-backend/main.ts";
      const write = (line: string, withKey?: string) =>
        run(runtime, program, [`backend-${runtime}`, line], url, withKey);
      for (const line of ["one", "two"]) assert.equal((await write(line)).code, 0);
      const headers = { accept: "application/json", authorization: `Bearer ${key}` };
      const document = await fetch(`${url}/api/documents/backend-${runtime}`, { headers });
      assert.match(await document.text(), /one\\ntwo\\n/);
      const refused = await write("three", "wrong");
      assert.equal(refused.code, 1);
      assert.match(refused.output, /401/);
    });
  }

  test("the launcher runs a program with a server of its own", async () => {
    const backend = await launch("node-backend");
    assert.equal((await backend.exited).code, 0, backend.output());
    assert.match(backend.output(), /written into example-codemirror/);
  });
});
