import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import { type Transport, newId } from "../../../support/sockets.ts";
import { useClients, waitForConvergence } from "../support/clients.ts";
import { insertion, textOf } from "../support/yjs.ts";

/** Users who edit documents on one server, by one transport. */
export function editingSuite(url: () => string, transport: Transport): void {
  describe(`editing by ${transport}`, () => {
    const { person, socketTo } = useClients();
    const open = (id: string) => person(url(), id, { transports: [transport] });

    test("two users type at once and have the same text", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([open(id), open(id)]);
      for (let index = 0; index < 20; index += 1) {
        ada.text.insert(0, "a");
        bob.text.insert(bob.text.length, "b");
      }
      const text = await waitForConvergence([ada, bob]);
      assert.equal(text.length, 40);
      await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
    });

    test("a client that opens it later gets everything, deletions too", async () => {
      const id = newId();
      const ada = await open(id);
      ada.text.insert(0, "hello world");
      ada.text.delete(0, 6);
      await ada.provider.whenSaved();
      ada.close();
      const bob = await open(id);
      assert.equal(bob.text.toString(), "world");
    });

    test("what was edited offline is merged on return", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([open(id), open(id)]);
      ada.text.insert(0, "shared ");
      await waitForConvergence([ada, bob]);
      ada.socket.disconnect();
      await waitFor("Ada is offline", () => ada.provider.state.status === "offline");
      ada.text.insert(0, "offline ");
      assert.ok(ada.provider.state.unsavedChanges);
      bob.text.insert(0, "online ");
      await bob.provider.whenSaved();
      ada.socket.connect();
      await ada.provider.whenSaved();
      const text = await waitForConvergence([ada, bob]);
      for (const part of ["shared", "offline", "online"]) assert.ok(text.includes(part), text);
    });

    test("a change that is only a deletion made offline arrives", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([open(id), open(id)]);
      ada.text.insert(0, "hello");
      await waitForConvergence([ada, bob]);
      ada.socket.disconnect();
      ada.text.delete(0, 4);
      ada.socket.connect();
      await waitFor("Bob sees the deletion", () => bob.text.toString() === "o");
    });

    test("a join answers with what each side lacks", async () => {
      const id = newId();
      const ada = await open(id);
      ada.text.insert(0, "server");
      await ada.provider.whenSaved();
      const socket = socketTo(url(), { transports: [transport] });
      const whole = await socket.emitWithAck("join-document", { documentId: id });
      assert.ok(whole.ok);
      assert.equal(textOf(new Uint8Array(whole.update)), "server");
      assert.deepEqual(new Uint8Array(whole.stateVector), Y.encodeStateVector(ada.doc));
      const nothing = await socket.emitWithAck("join-document", {
        documentId: id,
        stateVector: Y.encodeStateVector(ada.doc),
      });
      assert.ok(nothing.ok);
      assert.equal(textOf(new Uint8Array(nothing.update)), "");
    });

    test("a change is acknowledged with where it is stored, and delivered to all but its sender", async () => {
      const id = newId();
      const [sender, other] = [
        socketTo(url(), { transports: [transport] }),
        socketTo(url(), { transports: [transport] }),
      ];
      const received: string[] = [];
      sender.on("receive-changes", () => received.push("sender"));
      other.on("receive-changes", ({ update }) => received.push(textOf(new Uint8Array(update))));
      await Promise.all(
        [sender, other].map((socket) => socket.emitWithAck("join-document", { documentId: id })),
      );
      const reply = await sender.emitWithAck("send-changes", { documentId: id, update: insertion("news") });
      assert.deepEqual(reply, { ok: true, stored: "local" });
      await waitFor("the other has it", () => received.length > 0);
      assert.deepEqual(received, ["news"]);
    });

    test("a client that left gets nothing more and can't send", async () => {
      const id = newId();
      const [ada, gone] = [await open(id), socketTo(url(), { transports: [transport] })];
      const received: unknown[] = [];
      gone.on("receive-changes", (change) => received.push(change));
      await gone.emitWithAck("join-document", { documentId: id });
      assert.deepEqual(await gone.emitWithAck("leave-document", { documentId: id }), { ok: true });
      ada.text.insert(0, "secret");
      await ada.provider.whenSaved();
      const reply = await gone.emitWithAck("send-changes", { documentId: id, update: insertion("x") });
      assert.equal(reply.ok === false && reply.error.code, "not_joined");
      assert.deepEqual(received, []);
    });

    test("users see each other, move, and go", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([open(id), open(id)]);
      const bobSees = () => bob.provider.awareness.getStates().get(ada.doc.clientID);
      ada.provider.awareness.setLocalState({ user: { name: "Ada" }, cursor: 1 });
      await waitFor("Bob sees Ada", () => bobSees()?.["cursor"] === 1);
      for (let cursor = 2; cursor <= 50; cursor += 1)
        ada.provider.awareness.setLocalStateField("cursor", cursor);
      await waitFor("Bob sees where Ada is now", () => bobSees()?.["cursor"] === 50);
      const carl = await open(id);
      await waitFor("Carl, who came later, sees Ada", () =>
        carl.provider.awareness.getStates().has(ada.doc.clientID),
      );
      // Without leaving, as when a laptop is closed.
      ada.socket.io.engine.close();
      ada.socket.disconnect();
      await waitFor("Ada is gone for Bob", () => bobSees() === undefined);
    });

    test("a client that comes back keeps the document without sending it whole", async () => {
      const id = newId();
      const ada = await open(id);
      ada.text.insert(0, "x".repeat(50_000));
      await ada.provider.whenSaved();
      const sizes: number[] = [];
      ada.socket.onAnyOutgoing((event: string, payload: { update?: Uint8Array }) => {
        if (event === "send-changes") sizes.push(payload.update?.length ?? 0);
      });
      ada.socket.disconnect();
      ada.text.insert(0, "y");
      ada.socket.connect();
      await ada.provider.whenSaved();
      assert.deepEqual(sizes.length, 1);
      assert.ok((sizes[0] ?? 0) < 200, `sent ${sizes[0]} bytes`);
    });
  });
}
