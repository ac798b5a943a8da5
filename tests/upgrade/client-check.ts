import assert from "node:assert/strict";
import { waitFor } from "../../deploy/local/process.ts";
import { makeToken } from "../support/tokens.ts";
import { keystrokes } from "../features/documents/support/yjs.ts";
import {
  type ClientPackage,
  type Member,
  loadClient,
  openMember,
  openSocket,
  presentClient,
} from "./member.ts";
import { revoke } from "./write/single.ts";

/*
 * A program for each runtime: the client package of an earlier version against a running server, beside a client of
 * this version. Prints each check that passed; ends with 1 at the first that does not.
 */

const [folder = "", url = ""] = process.argv.slice(2);
const old = await loadClient(folder);
const documentId = "old-client";
const tokenOf = (sub: string, role: "read" | "write" = "write") =>
  makeToken({ sub, documents: { "*": role } });
const open = async (client: ClientPackage, sub: string, role: "read" | "write" = "write") =>
  openMember(client, url, documentId, { token: await tokenOf(sub, role) });
const same = (...members: Member[]) =>
  waitFor("all have the same text", () =>
    members.every(({ text }) => text.toString() === members[0]?.text.toString()),
  );

const ada = await open(old, "ada");
const bob = await open(presentClient, "bob");

const checks: Record<string, () => Promise<void>> = {
  async "joins and edits"() {
    assert.equal(ada.provider.state.access, "write");
    for (const { text } of [ada, bob])
      for (let index = 0; index < 20; index += 1) text.insert(0, String(index));
    await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
    await same(ada, bob);
    assert.equal(ada.text.length, 60);
  },

  async "sends and gets chat, each message once"() {
    const outbox = old.createOutbox(ada);
    outbox.add("by the old client");
    await bob.say("by the present client");
    const texts = ["by the old client", "by the present client"];
    for (const { messages } of [ada, bob]) {
      await waitFor("both have come", () => messages.length >= 2);
      assert.deepEqual(messages.toSorted(), texts);
    }
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

  async "is recovered after a short absence, and gets what it missed once"() {
    await bob.say("before");
    await waitFor("it has come", () => ada.messages.includes("before"));
    ada.socket.io.engine.close();
    for (const text of ["while away 1", "while away 2"]) await bob.say(text);
    await waitFor("it is back", () => ada.socket.connected && ada.messages.includes("while away 2"));
    assert.equal(ada.socket.recovered, true);
    assert.deepEqual(ada.messages, bob.messages);
  },

  async "understands that a token is refused"() {
    const socket = openSocket(old, url, { token: "none", reconnection: false });
    const error = await new Promise<Error>((resolve) => socket.once("connect_error", resolve));
    assert.equal(old.refusalOf(error)?.code, "unauthorized");
    socket.disconnect();
  },

  async "understands what is refused in replies"() {
    const reply = await ada.socket.emitWithAck("send-message", { documentId, id: "", text: "" });
    assert.equal(!reply.ok && reply.error.code, "invalid");
    const changes = { documentId: "another", update: keystrokes("x")[0] ?? Uint8Array.of() };
    const other = await ada.socket.emitWithAck("send-changes", changes);
    assert.equal(!other.ok && other.error.code, "not_joined");
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
};

for (const [name, check] of Object.entries(checks)) {
  await check();
  console.log(JSON.stringify({ check: name }));
}
process.exit(0);
