import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { joinRoom } from "../../../../src/client/index.ts";
import type { chat } from "../../../../src/features/chat/contract.ts";
import { readDescription } from "../../../support/description.ts";
import { type Transport, newId, useSockets } from "../../../support/sockets.ts";
import { ask } from "../../../support/api.ts";

/** Messages of a room's members, by one transport. The server takes the tests' key of backends. */
export function messageSuite(url: () => string, transport: Transport): void {
  describe(`messages by ${transport}`, () => {
    const { socketTo } = useSockets();

    async function open(id: string, name: string) {
      const socket = socketTo<typeof chat>(url(), { transports: [transport], name });
      const messages: string[] = [];
      socket.on("receive-message", ({ documentId, text }) => void (documentId === id && messages.push(text)));
      const membership = joinRoom(socket as never, id);
      await waitFor(`${name} is a member`, () => membership.synced);
      return { socket, messages };
    }

    test("every member gets them in the order sent, the sender too", async () => {
      const id = newId();
      const members = await Promise.all([open(id, "Ada"), open(id, "Bob")]);
      const sent = Array.from({ length: 30 }, (_, index) => `message ${index}`);
      const replies = await Promise.all(
        sent.map((text) =>
          members[0]?.socket.emitWithAck("send-message", { documentId: id, id: text, text }),
        ),
      );
      assert.ok(replies.every((reply) => reply?.ok));
      for (const { messages } of members) {
        await waitFor("all messages are there", () => messages.length >= sent.length);
        assert.deepEqual(messages, sent);
      }
    });

    test("a message says who sent it and when", async () => {
      const id = newId();
      const ada = await open(id, "  Ada ");
      const received = new Promise<{ from: string; sentAt: number; id: string }>((resolve) =>
        ada.socket.once("receive-message", resolve),
      );
      const before = Date.now();
      await ada.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "hi" });
      const { from, sentAt, id: messageId } = await received;
      assert.equal(from, "Ada");
      assert.equal(messageId, "1");
      assert.ok(before <= sentAt && sentAt <= Date.now(), String(sentAt));
    });

    test("a repeated id is acknowledged again and delivered once", async () => {
      const id = newId();
      const ada = await open(id, "Ada");
      const message = { documentId: id, id: "same", text: "once" };
      assert.deepEqual(await ada.socket.emitWithAck("send-message", message), { ok: true });
      assert.deepEqual(await ada.socket.emitWithAck("send-message", message), { ok: true });
      await ada.socket.emitWithAck("send-message", { documentId: id, id: "other", text: "end" });
      await waitFor("the last one is there", () => ada.messages.includes("end"));
      assert.deepEqual(ada.messages, ["once", "end"]);
    });

    test("a member that was away for a short time gets what it missed", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([open(id, "Ada"), open(id, "Bob")]);
      await ada.socket.emitWithAck("send-message", { documentId: id, id: "0", text: "before" });
      await waitFor("Bob has the first", () => bob.messages.length === 1);
      // The connection breaks; the client comes back by itself.
      const back = new Promise((resolve) => bob.socket.once("connect", () => resolve(undefined)));
      const gone = new Promise((resolve) => bob.socket.once("disconnect", resolve));
      bob.socket.io.engine.close();
      await gone;
      for (let index = 1; index <= 5; index += 1)
        await ada.socket.emitWithAck("send-message", {
          documentId: id,
          id: String(index),
          text: `while away ${index}`,
        });
      await back;
      assert.ok(bob.socket.recovered);
      await waitFor("Bob has the rest", () => bob.messages.length === 6);
      assert.deepEqual(
        bob.messages.slice(1),
        [1, 2, 3, 4, 5].map((index) => `while away ${index}`),
      );
    });

    test("what is no message, or is sent by a client that has not joined, is refused and reaches no member", async () => {
      const id = newId();
      const [ada, eve] = await Promise.all([open(id, "Ada"), open(newId(), "Eve")]);
      const codeOf = async ({ socket }: typeof ada, payload: object) => {
        const reply = await socket.emitWithAck("send-message", { documentId: id, ...payload } as never);
        return reply.ok ? "ok" : reply.error.code;
      };
      assert.equal(await codeOf(eve, { id: "1", text: "hi" }), "not_joined");
      for (const payload of [{ text: "no id" }, { id: "1", text: "" }, { id: "1", text: "x".repeat(4001) }])
        assert.equal(await codeOf(ada, payload), "invalid");
      assert.equal(await codeOf(ada, { id: "1", text: "undisturbed" }), "ok");
      await waitFor("Ada hears herself", () => ada.messages.length > 0);
      assert.deepEqual(ada.messages, ["undisturbed"]);
    });

    test("a backend's message reaches the members", async () => {
      const id = newId();
      const ada = await open(id, "Ada");
      const { body } = await ask(url(), "POST", `/api/documents/${id}/events`, {
        body: { event: "receive-message", payload: { id: "1", from: "The backend", text: "hi" } },
        headers: { "idempotency-key": "1" },
      });
      assert.deepEqual(body, { ok: true });
      await waitFor("it is there", () => ada.messages.length === 1);
    });

    test("acknowledgements, and what members are sent, are as the reference describes them", async () => {
      const { assertExchange } = await readDescription(url());
      const id = newId();
      const { socket } = await open(id, "Ada");
      const events = { "send-message": { documentId: id, id: "1", text: "hi" } };
      await assertExchange(socket, events, ["receive-message"]);
    });
  });
}
