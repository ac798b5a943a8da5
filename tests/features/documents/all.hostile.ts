import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { waitFor } from "../../../deploy/local/process.ts";
import { encodePresence } from "../../../src/platform/gateway/presence-codec.ts";
import { type BrowserPage, byId, useBrowser, waitForStatus } from "../../support/browser.ts";
import { useServer } from "../../support/server.ts";
import { newId } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";
import { assertUnharmed, markup } from "../../support/unharmed.ts";
import { useClients } from "./support/clients.ts";
import { editor, editorText, waitForSaved } from "./support/page.ts";

/** Names that an object literal gives another meaning. */
const parsed = (json: string) => JSON.parse(json) as Record<string, unknown>;

describe("the page's editor, against hostile users", { timeout: groupTimeoutMs }, () => {
  const server = useServer("node");
  const open = useBrowser();
  const { person, socketTo } = useClients();

  async function visit(id: string): Promise<BrowserPage> {
    const visited = await open(`${server().url}/d/${id}`);
    await waitForStatus(visited.page, "synced");
    return visited;
  }

  /** Still an editor, in both directions. */
  async function assertWorks({ page }: BrowserPage, id: string): Promise<void> {
    const word = `works${Math.random().toString(36).slice(2, 8)}`;
    await page.evaluate(() => {
      const end = document.querySelector(".ql-editor")?.lastChild;
      if (end) getSelection()?.selectAllChildren(end);
      getSelection()?.collapseToEnd();
    });
    await editor(page).focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(word);
    await waitForSaved(page);
    const other = await person(server().url, id);
    assert.ok(other.text.toString().includes(word), "the server has what was typed");
    other.text.insert(0, `${word}-back `);
    await waitFor("the page shows what another typed", async () =>
      (await editorText(page)).includes(`${word}-back`),
    );
  }

  test("formatting, colours and others' cursors need nothing that the policy forbids", async () => {
    const id = newId();
    const [ada, bob] = [await visit(id), await visit(id)];
    await editor(ada.page).click();
    for (const [button, text] of [
      [".ql-bold", "bold"],
      [".ql-italic", "italic"],
      [".ql-list[value=ordered]", "one"],
      [".ql-code-block", "code"],
      [".ql-blockquote", "quote"],
    ] as const) {
      await ada.page.locator(button).click();
      await ada.page.keyboard.type(text);
      await ada.page.keyboard.press("Enter");
    }
    await ada.page.locator(".ql-header .ql-picker-label").click();
    await ada.page.locator('.ql-header .ql-picker-item[data-value="2"]').click();
    await ada.page.keyboard.type("title");
    await ada.page.keyboard.press("Shift+Home");
    await ada.page.locator("button.ql-link").click();
    await ada.page.locator(".ql-tooltip input").fill("https://example.com/");
    await ada.page.keyboard.press("Enter");
    await waitForSaved(ada.page);
    await waitFor("Bob sees the link", async () => (await editor(bob.page).locator("h2 a").count()) === 1);
    await waitFor("and Ada's cursor", async () => (await bob.page.locator(".ql-cursor").count()) === 1);
    const color = await bob.page
      .locator(".ql-cursor-caret")
      .first()
      .evaluate((caret) => caret.style.backgroundColor);
    assert.match(color, /^rgb\(/, "in her colour");
    const other = await person(server().url, id);
    other.text.insert(0, "red", { color: "#ff0000", background: "rgb(0, 0, 255)" });
    await waitFor(
      "Bob sees red",
      async () =>
        (await editor(bob.page)
          .locator("span")
          .first()
          .evaluate((span) => span.style.color)) === "rgb(255, 0, 0)",
    );
    await assertUnharmed(ada);
    await assertUnharmed(bob);
  });

  test("pasted HTML keeps its text and loses what could do harm", async () => {
    const id = newId();
    const ada = await visit(id);
    await editor(ada.page).click();
    const html =
      `${markup}<p style="color:red;background:url(https://evil.example/p)">styled</p>` +
      `<a href="javascript:window.hacked=4">link one</a> <a href=" java\nscript:window.hacked=5">link two</a>` +
      `<a href="data:text/html,<script>window.hacked=6</script>">link three</a>` +
      `<img src="https://evil.example/i.png"><iframe src="javascript:window.hacked=7"></iframe>` +
      `<iframe class="ql-video" src="https://evil.example"></iframe><style>body{display:none}</style>` +
      `<svg onload="window.hacked=8"><a xlink:href="javascript:1"><text>vector</text></a></svg>` +
      `<form action="https://evil.example"><button>press</button></form><math><mi//xlink:href="data:x,1">` +
      `<span class="ql-formula" data-value="x">formula</span><table><tr><td>cell</td></tr></table>`;
    await ada.page.evaluate((content) => {
      const data = new DataTransfer();
      data.setData("text/html", content);
      data.setData("text/plain", "plain");
      document
        .querySelector(".ql-editor")
        ?.dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
        );
    }, html);
    await waitForSaved(ada.page);
    const text = await editorText(ada.page);
    for (const part of ["styled", "link one", "link two", "cell"]) assert.ok(text.includes(part), text);
    const styled = editor(ada.page).getByText("styled");
    assert.equal(await styled.evaluate((span) => span.style.color), "red", "what does no harm is kept");
    for (const link of await editor(ada.page).locator("a").all())
      assert.match((await link.getAttribute("href")) ?? "", /^(about:blank|https?:)/);
    await assertUnharmed(ada);
    const bob = await visit(id);
    assert.equal(await editorText(bob.page), text);
    await assertUnharmed(bob);
    await assertWorks(ada, id);
  });

  test("markup in a name is text in the label of a cursor", async () => {
    const id = newId();
    const [ada, bob] = [await visit(id), await visit(id)];
    await byId(ada.page, "name-input").fill("<img src=x onerror=hacked=1>");
    await byId(ada.page, "name-input").press("Enter");
    await waitForStatus(ada.page, "synced");
    await editor(ada.page).pressSequentially("x");
    await waitFor("the cursor has it", async () =>
      (await bob.page.locator(".ql-cursor-name").first().textContent())?.includes("<img src=x"),
    );
    await assertUnharmed(ada);
    await assertUnharmed(bob);
  });

  test("a document written by another program: embeds, links, formats of any kind", async () => {
    const id = newId();
    const early = await visit(id);
    const mallory = await person(server().url, id);
    const { doc, text } = mallory;
    const evil = "javascript:window.hacked=1";
    const steps: (() => void)[] = [
      () => text.insert(0, "start\n"),
      () => text.insertEmbed(0, { video: evil }),
      () => text.insertEmbed(0, { image: "https://evil.example/i.png" }),
      () => text.insertEmbed(0, { image: "data:image/svg+xml,<svg onload='window.hacked=1'/>" }),
      () => text.insertEmbed(0, { formula: "\\href{javascript:window.hacked=1}{x}" }),
      () => text.insertEmbed(0, { "no-such-blot": { deep: [1] } }),
      () => text.insertEmbed(0, { scroll: true }),
      () => text.insertEmbed(0, { cursor: true }),
      () => text.insertEmbed(0, parsed('{"constructor":1}')),
      () => text.insertEmbed(0, {}),
      () => text.insertEmbed(0, parsed('{"__proto__":{"hacked":1}}')),
      () => text.insertEmbed(0, new Y.Map() as unknown as object),
      () => text.insertEmbed(3, { table: "row" }, { width: "9", onload: evil }),
      () => text.insert(2, "link", { link: evil }),
      () => text.insert(2, "link", { link: "\u0001java\tscript:window.hacked=1" }),
      () => text.insert(2, "link", { link: "data:text/html,<script>window.hacked=1</script>" }),
      () => text.insert(2, "link", { link: { href: evil } }),
      () => text.insert(2, "link", { link: "https://good.example/" }),
      () => text.insert(2, "odd", { onclick: evil, style: "position:fixed", class: "x", id: "editor" }),
      () =>
        text.insert(2, "odd", parsed('{"constructor":true,"toString":1,"hasOwnProperty":2,"cursor":true}')),
      () => text.insert(2, "odd", parsed('{"__proto__":{"bold":true}}')),
      () => text.insert(2, "odd", { color: "url(https://evil.example/c)", background: "red;position:fixed" }),
      () => text.insert(2, "odd", { font: "a b c", size: "</style>", script: "<script>", code: 7 }),
      () => text.insert(2, "line\n", { header: 99 }),
      () =>
        text.insert(2, "line\n", { header: "script", list: "<b>", indent: 1e9, align: "a b", direction: [] }),
      () => text.insert(2, "line\n", { "code-block": 'a b"><img src=x onerror=window.hacked=1>' }),
      () =>
        text.insert(2, "line\n", { list: "checked", table: "t", "table-container": 1, "list-container": 1 }),
      () => text.insert(2, "a\r\nb\rc\u2028d\0e\uFEFFf\u202Eg"),
      () => text.insert(2, markup),
      () => text.format(0, text.length, { bold: { deep: true }, link: evil }),
      () => text.delete(4, 3),
    ];
    for (const step of steps) doc.transact(step);
    text.insert(text.length, "\nthe end\n");
    await mallory.provider.whenSaved();
    for (const visited of [early, await visit(id)]) {
      await waitFor("the end is shown", async () => (await editorText(visited.page)).includes("the end"));
      assert.ok((await editorText(visited.page)).includes("<script>window.hacked=2</script>"), "as text");
      assert.equal(await editor(visited.page).locator("img, iframe, video, table, .ql-formula").count(), 0);
      await assertUnharmed(visited);
      await assertWorks(visited, id);
      await assertUnharmed(visited);
    }
    // What the page could not show it did not take away either.
    const kept = JSON.stringify(text.toDelta());
    for (const part of ['"video"', '"no-such-blot"', '"formula"']) assert.ok(kept.includes(part), part);
  });

  test("a presence made by hand: names, colours and cursors of any type and size", async () => {
    const id = newId();
    const ada = await visit(id);
    await editor(ada.page).pressSequentially("some text");
    await waitForSaved(ada.page);
    const witness = await person(server().url, id);
    const socket = socketTo(server().url);
    await socket.emitWithAck("join-document", { documentId: id });
    // Deeper than can be compared, and than JSON.stringify can write.
    const deep = `{"user":{"name":"deep"},"deep":${"[".repeat(8000)}${"]".repeat(8000)}}`;
    const position = (tname: unknown, more: object = {}) => ({
      type: null,
      tname,
      item: null,
      assoc: 0,
      ...more,
    });
    const states: unknown[] = [
      { user: { name: markup, color: "red;background:url(https://evil.example)" } },
      { user: { name: { toString: "x" }, color: ["#fff"] }, cursor: "here" },
      { user: { name: "x".repeat(10_000), color: "#".repeat(5000) }, cursor: {} },
      { user: null, cursor: { anchor: null, head: 7 } },
      { user: [], cursor: { anchor: position("content"), head: position("other") } },
      { user: { name: "a", color: "url(javascript:window.hacked=1)" }, cursor: { anchor: {}, head: {} } },
      { user: { name: "b" }, cursor: { anchor: position("constructor"), head: position(["content"]) } },
      {
        user: { name: "c" },
        cursor: {
          anchor: position(null, { item: { client: 1, clock: -5 } }),
          head: position(null, { item: { client: "x", clock: Number.MAX_SAFE_INTEGER } }),
        },
      },
      {
        user: { name: "d" },
        cursor: { anchor: position(null, { type: { client: {}, clock: 0.5 } }), head: 1 },
      },
      deep,
      deep,
      5,
      "text",
      true,
      [[]],
      {
        user: { name: "\u202Eevil\u0000\n\n", color: "#123456" },
        cursor: { anchor: position("content"), head: position("content") },
      },
    ];
    const clientId = 4242;
    for (const [clock, state] of states.entries()) {
      const json = state === deep ? deep : JSON.stringify(state);
      const update = encodePresence([{ clientId, clock: clock + 1, state: json }]);
      socket.emit("send-presence", { documentId: id, update });
      // Several at once would become one.
      await waitFor(
        "it was sent on",
        () => witness.provider.awareness.meta.get(clientId)?.clock === clock + 1,
      );
    }
    await waitFor("the last is shown", async () =>
      (await byId(ada.page, "people").innerText()).includes("evil"),
    );
    await waitFor("with a cursor", async () => (await ada.page.locator(".ql-cursor-name").count()) === 1);
    await assertUnharmed(ada);
    await assertWorks(ada, id);
    await assertUnharmed(ada);
  });
});
