import assert from "node:assert/strict";
import { waitFor } from "../../deploy/local/process.ts";
import * as present from "../../src/client/index.ts";
import { decodePresence, encodePresence } from "../../src/platform/gateway/presence-codec.ts";
import { makeToken } from "../support/tokens.ts";
import { type ClientPackage, loadClient, openMember, openSocket } from "./member.ts";
import { runChecks } from "./run-client-check.ts";
import { revoke } from "./write/revoke.ts";

/* A program for each runtime: the client package of an earlier version, beside a client of this version, in a room. */

const [folder = "", url = ""] = process.argv.slice(2);
const old = await loadClient<ClientPackage>(folder);
const room = "old-client";
const tokenOf = (sub: string, role: "read" | "write" = "write") =>
  makeToken({ sub, documents: { "*": role } });
const open = async (client: ClientPackage, sub: string, role: "read" | "write" = "write") =>
  openMember(client, url, room, { token: await tokenOf(sub, role) });

const ada = await open(old, "ada");
const bob = await open(present, "bob");

await runChecks({
  async "joins, sends and gets messages, each once"() {
    assert.equal(ada.access(), "write");
    await ada.say("by the old client");
    await bob.say("by the present client");
    const texts = ["by the old client", "by the present client"];
    for (const { messages } of [ada, bob]) {
      await waitFor("both have come", () => messages.length >= 2);
      assert.deepEqual(messages, texts);
    }
  },

  async "sees and shows presence"() {
    for (const [index, [from, to]] of [
      [ada, bob],
      [bob, ada],
    ].entries()) {
      assert.ok(from && to);
      const states = new Map<number, string>();
      to.socket.on("receive-presence", ({ update }) => {
        for (const { clientId, state } of decodePresence(new Uint8Array(update))) states.set(clientId, state);
      });
      const clientId = index + 1;
      const update = encodePresence([{ clientId, clock: 1, state: '{"cursor":7}' }]);
      from.socket.emit("send-presence", { documentId: room, update });
      await waitFor("the other is seen", () => states.get(clientId) === '{"cursor":7}');
    }
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
    for (const [documentId, id, code] of [
      [room, "", "invalid"],
      ["another", "1", "not_joined"],
    ] as const) {
      const reply = await ada.socket.emitWithAck("send-message", { documentId, id, text: "x" });
      assert.equal(!reply.ok && reply.error.code, code);
    }
  },

  async "understands that it may only read, and that this is taken away"() {
    const reader = await open(old, "reader", "read");
    assert.equal(reader.access(), "read");
    await revoke(url, { userId: "reader", documentId: room, action: "read" });
    await waitFor("it knows", () => reader.access() === "none");
    reader.close();
  },
});
