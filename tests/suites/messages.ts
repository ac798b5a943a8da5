import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type Transport, newId } from "../support/sockets.ts";
import { type Person, useClients } from "../features/documents/support/clients.ts";

/** So many may be sent while a member is away: far fewer than are kept for its return. */
const maxMissed = 100;

/** The chat of a document's members, by one transport. */
export function messageSuite(url: () => string, transport: Transport): void {
  describe(`messages by ${transport}`, () => {
    const { person } = useClients();
    const open = (id: string, name: string) => person(url(), id, { transports: [transport], name });

    test("every member gets them in the order sent, the sender too", async () => {
      const id = newId();
      const people = await Promise.all([open(id, "Ada"), open(id, "Bob")]);
      const sent = Array.from({ length: 30 }, (_, index) => `message ${index}`);
      const replies = await Promise.all(
        sent.map((text) => people[0]?.socket.emitWithAck("send-message", { documentId: id, id: text, text })),
      );
      assert.ok(replies.every((reply) => reply?.ok));
      for (const { messages } of people) {
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

    test("many reconnects under load lose and double nothing, and keep the order", async () => {
      const id = newId();
      const sender = await open(id, "Sender");
      const people = await Promise.all(Array.from({ length: 5 }, (_, index) => open(id, `P${index}`)));
      const sent: string[] = [];
      const awaySince = new Map<Person, number>();
      const seen = { reconnects: 0 };
      for (const each of people) {
        each.socket.on("connect", () => {
          assert.ok(each.socket.recovered);
          awaySince.delete(each);
          seen.reconnects += 1;
        });
      }
      while (seen.reconnects < 25) {
        await waitFor("a member that is away has not missed too much", () =>
          [...awaySince.values()].every((since) => sent.length - since < maxMissed),
        );
        const text = String(sent.length);
        sent.push(text);
        await sender.socket.emitWithAck("send-message", { documentId: id, id: text, text });
        const each = people[sent.length % people.length];
        if (!each?.socket.connected || sent.length % 7 !== 0) continue;
        awaySince.set(each, sent.length);
        each.socket.io.engine.close();
      }
      for (const { messages } of people) {
        await waitFor("all messages are there", () => messages.length >= sent.length);
        assert.deepEqual(messages, sent);
      }
    });

    test("a short absence is made up for", async () => {
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
  });
}
