import assert from "node:assert/strict";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { TrimaranClient } from "../../../../src/client/index.ts";
import type { RoomMember } from "../../../../src/client/index.ts";
import { makeToken } from "../../../support/tokens.ts";
import { loadClient, talkIn } from "../../../upgrade/member.ts";
import { runChecks } from "../../../upgrade/run-client-check.ts";
import { revoke } from "../../../upgrade/write/revoke.ts";
import { keystrokes } from "../support/yjs.ts";
import { type DocumentClient, type DocumentMember, openDocumentMember, presentClient } from "./member.ts";

/* A program for each runtime: the client package of an earlier version, beside a client of this version, in a document. */

/** With what it had besides in its one file. */
interface OldClient extends DocumentClient {
  createOutbox: (of: { socket: TrimaranClient; provider: RoomMember }) => {
    add: (text: string) => string;
    destroy: () => void;
  };
}

const [folder = "", url = ""] = process.argv.slice(2);
const old = await loadClient<OldClient>(folder);
const documentId = "old-client";
const tokenOf = (sub: string, role: "read" | "write" = "write") =>
  makeToken({ sub, documents: { "*": role } });
const open = async (client: DocumentClient, sub: string, role: "read" | "write" = "write") =>
  openDocumentMember(client, url, documentId, { token: await tokenOf(sub, role) });
const same = (...members: DocumentMember[]) =>
  waitFor("all have the same text", () =>
    members.every(({ text }) => text.toString() === members[0]?.text.toString()),
  );

const ada = await open(old, "ada");
const bob = await open(presentClient, "bob");

await runChecks({
  async "joins and edits"() {
    assert.equal(ada.provider.state.access, "write");
    for (const { text } of [ada, bob])
      for (let index = 0; index < 20; index += 1) text.insert(0, String(index));
    await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
    await same(ada, bob);
    assert.equal(ada.text.length, 60);
  },

  async "sends messages from its outbox, each once"() {
    const [{ messages }, { say }] = [ada, bob].map(({ socket }) => talkIn(socket as never, documentId)) as [
      ReturnType<typeof talkIn>,
      ReturnType<typeof talkIn>,
    ];
    const outbox = old.createOutbox(ada);
    outbox.add("by the old client");
    await say("by the present client");
    await waitFor("both have come", () => messages.length >= 2);
    assert.deepEqual(messages.toSorted(), ["by the old client", "by the present client"]);
    outbox.destroy();
  },

  async "sees and shows presence"() {
    for (const [from, to] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      from.provider.awareness.setLocalStateField("cursor", 7);
      const seen = () => to.provider.awareness.getStates().get(from.doc.clientID)?.["cursor"];
      await waitFor("the other is seen", () => seen() === 7);
    }
  },

  async "merges edits that both made while it was away"() {
    ada.socket.disconnect();
    ada.text.insert(0, "offline ");
    bob.text.insert(bob.text.length, " meanwhile");
    await bob.provider.whenSaved();
    ada.socket.connect();
    await ada.provider.whenSaved();
    await same(ada, bob);
    assert.match(ada.text.toString(), /^offline .* meanwhile$/);
  },

  async "understands that a change is refused in a reply"() {
    const changes = { documentId: "another", update: keystrokes("x")[0] ?? Uint8Array.of() };
    const reply = await ada.socket.emitWithAck("send-changes", changes);
    assert.equal(!reply.ok && reply.error.code, "not_joined");
  },

  async "understands that a change is too large: it is refused, and stays unsaved"() {
    const large = await open(old, "large");
    const refused = new Promise<string>((resolve) =>
      large.provider.on("refused", ({ code }) => resolve(code)),
    );
    large.text.insert(0, "x".repeat(70_000));
    assert.equal(await refused, "too_large");
    assert.equal(large.provider.state.unsavedChanges, true);
    large.close();
  },

  async "understands that it may only read, and that this is taken away"() {
    const reader = await open(old, "reader", "read");
    assert.equal(reader.provider.state.access, "read");
    await revoke(url, { userId: "reader", documentId, action: "read" });
    await waitFor("it knows", () => reader.provider.state.access === "none");
    reader.close();
  },
});
