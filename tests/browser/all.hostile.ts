import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { encodePresence } from "../../src/platform/gateway/presence-codec.ts";
import { type BrowserPage, byId, useBrowser, waitForStatus } from "../support/browser.ts";
import { useMembers } from "../support/members.ts";
import { useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { assertUnharmed, markup } from "../support/unharmed.ts";

describe("the page, against hostile users", { timeout: groupTimeoutMs }, () => {
  const server = useServer("node");
  const open = useBrowser();
  const { visible, socketTo } = useMembers();

  async function visit(id: string): Promise<BrowserPage> {
    const visited = await open(`${server().url}/d/${id}`);
    await waitForStatus(visited.page, "synced");
    return visited;
  }
  const people = ({ page }: BrowserPage) => byId(page, "people").innerText();

  test("markup in a user's name and a room's name is shown as text", async () => {
    const id = newId();
    const [ada, bob] = [await visit(id), await visit(id)];
    await byId(ada.page, "name-input").fill("<img src=x onerror=hacked=1>");
    await byId(ada.page, "name-input").press("Enter");
    await waitForStatus(ada.page, "synced");
    await waitFor("Bob's list has it", async () =>
      (await people(bob)).includes("<img src=x onerror=hacked=1>"),
    );
    await assertUnharmed(ada);
    await assertUnharmed(bob);

    const named = await open(`${server().url}/d/${encodeURIComponent(markup)}`);
    await waitFor("the page explains", async () =>
      /can have this name/.test(await named.page.locator("main").innerText()),
    );
    assert.equal(await byId(named.page, "document-name").innerText(), markup);
    await assertUnharmed(named);
  });

  test("a presence made by hand: names and colours of any type and size", async () => {
    const id = newId();
    const ada = await visit(id);
    const witness = await visible(server().url, id);
    const socket = socketTo(server().url);
    await socket.emitWithAck("join-document", { documentId: id });
    // Deeper than can be compared, and than JSON.stringify can write.
    const deep = `{"user":{"name":"deep"},"deep":${"[".repeat(8000)}${"]".repeat(8000)}}`;
    const states: unknown[] = [
      { user: { name: markup, color: "red;background:url(https://evil.example)" } },
      { user: { name: { toString: "x" }, color: ["#fff"] } },
      { user: { name: "x".repeat(10_000), color: "#".repeat(5000) } },
      { user: null },
      { user: [] },
      { user: { name: "a", color: "url(javascript:window.hacked=1)" } },
      deep,
      deep,
      5,
      "text",
      true,
      [[]],
      { user: { name: "\u202Eevil\u0000\n\n", color: "#123456" } },
    ];
    const clientId = 4242;
    for (const [index, state] of states.entries()) {
      const json = state === deep ? deep : JSON.stringify(state);
      const clock = index + 1;
      const update = encodePresence([{ clientId, clock, state: json }]);
      socket.emit("send-presence", { documentId: id, update });
      // Several at once would become one.
      await waitFor("it was sent on", () => witness.awareness.meta.get(clientId)?.clock === clock);
    }
    await waitFor("the last is shown", async () => (await people(ada)).includes("evil"));
    await assertUnharmed(ada);
    // The list still works, in both directions.
    witness.awareness.setLocalStateField("user", { name: "A witness", color: "#0e7490" });
    await waitFor("the page shows another", async () => (await people(ada)).includes("A witness"));
    await byId(ada.page, "name-input").fill("Ada Lovelace");
    await byId(ada.page, "name-input").press("Enter");
    await waitFor("others have the page's name", () =>
      [...witness.awareness.getStates().values()].some(
        ({ user }) => (user as { name?: unknown } | null)?.name === "Ada Lovelace",
      ),
    );
    await assertUnharmed(ada);
  });
});
