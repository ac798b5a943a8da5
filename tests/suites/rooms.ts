import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type Member, type VisibleMember, useMembers } from "../support/members.ts";
import { type Transport, newId } from "../support/sockets.ts";
import type { talk } from "../support/talk/contract.ts";

/** So many may be said while a member is away: far fewer than are kept for its return. */
const maxMissed = 100;

/** Rooms and what is pushed to them, by one transport; with a feature of the tests' own. */
export function roomSuite(url: () => string, transport: Transport): void {
  describe(`rooms by ${transport}`, () => {
    const { member, visible, socketTo } = useMembers();
    const open = (room: string, name: string) => member(url(), room, { transports: [transport], name });

    test("every member gets pushes in the order sent, the sender too, and other rooms get none", async () => {
      const room = newId();
      const [ada, bob] = [await open(room, "Ada"), await open(room, "Bob")];
      const elsewhere = await open(newId(), "Eve");
      const sent = Array.from({ length: 30 }, (_, index) => `number ${index}`);
      const replies = await Promise.all(sent.map((text) => ada.say(text)));
      assert.ok(replies.every(({ ok }) => ok));
      for (const { heard } of [ada, bob]) {
        await waitFor("all have come", () => heard.length >= sent.length);
        assert.deepEqual(heard, sent);
      }
      assert.deepEqual(elsewhere.heard, []);
    });

    test("a repeated idempotency key is acknowledged again and delivered once", async () => {
      const ada = await open(newId(), "Ada");
      for (const text of ["once", "once"]) assert.deepEqual(await ada.say(text, "same"), { ok: true });
      await ada.say("end");
      await waitFor("the last has come", () => ada.heard.includes("end"));
      assert.deepEqual(ada.heard, ["once", "end"]);
    });

    test("bytes arrive as they were, at the others alone", async () => {
      const room = newId();
      const [ada, bob] = [await open(room, "Ada"), await open(room, "Bob")];
      const seen: Record<string, number[][]> = { ada: [], bob: [] };
      const note = (who: string) => (push: { data: Uint8Array }) =>
        void seen[who]?.push([...new Uint8Array(push.data)]);
      ada.socket.on("put-here", note("ada"));
      bob.socket.on("put-here", note("bob"));
      const data = new Uint8Array([0, 1, 127, 128, 255]);
      const reply = await ada.socket.emitWithAck("put", { documentId: room, data });
      assert.deepEqual(reply, { ok: true, size: 5 });
      await waitFor("Bob has them", () => seen["bob"]?.length === 1);
      assert.deepEqual(seen, { ada: [], bob: [[0, 1, 127, 128, 255]] });
    });

    test("a client that left gets nothing more and can't send", async () => {
      const room = newId();
      const [ada, gone] = [await open(room, "Ada"), await open(room, "Bob")];
      for (let times = 0; times < 2; times += 1)
        assert.deepEqual(await gone.socket.emitWithAck("leave-document", { documentId: room }), { ok: true });
      await ada.say("secret");
      await waitFor("Ada hears herself", () => ada.heard.length === 1);
      const refused = await gone.socket.emitWithAck("say", { documentId: room, id: "1", text: "x" });
      assert.equal(!refused.ok && refused.error.code, "not_joined");
      assert.deepEqual(gone.heard, []);
    });

    test("members see each other, move, and go", async () => {
      const room = newId();
      const enter = (name: string) => visible(url(), room, { transports: [transport], name });
      const [ada, bob] = await Promise.all([enter("Ada"), enter("Bob")]);
      const seenBy = ({ awareness }: VisibleMember) => awareness.getStates().get(ada.awareness.clientID);
      ada.awareness.setLocalState({ user: { name: "Ada" }, cursor: 1 });
      await waitFor("Bob sees Ada", () => seenBy(bob)?.["cursor"] === 1);
      for (let cursor = 2; cursor <= 50; cursor += 1) ada.awareness.setLocalStateField("cursor", cursor);
      await waitFor("Bob sees where Ada is now", () => seenBy(bob)?.["cursor"] === 50);
      const carl = await enter("Carl");
      await waitFor("Carl, who came later, sees Ada", () => seenBy(carl) !== undefined);
      // Without leaving, as when a laptop is closed.
      ada.socket.io.engine.close();
      ada.socket.disconnect();
      await waitFor("Ada is gone for Bob", () => seenBy(bob) === undefined);
    });

    test("an event of no room needs none", async () => {
      const socket = socketTo<typeof talk>(url(), {
        transports: [transport],
        name: " Ada ",
      });
      assert.deepEqual(await socket.emitWithAck("ask", {}), { ok: true, you: "Ada" });
    });

    test("many reconnects under load lose and double nothing, and keep the order", async () => {
      const room = newId();
      const sender = await open(room, "Sender");
      const members = await Promise.all(Array.from({ length: 5 }, (_, index) => open(room, `M${index}`)));
      const sent: string[] = [];
      const awaySince = new Map<Member, number>();
      const seen = { reconnects: 0 };
      for (const each of members) {
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
        await sender.say(text);
        const each = members[sent.length % members.length];
        if (!each?.socket.connected || sent.length % 7 !== 0) continue;
        awaySince.set(each, sent.length);
        each.socket.io.engine.close();
      }
      for (const { heard } of members) {
        await waitFor("all have come", () => heard.length >= sent.length);
        assert.deepEqual(heard, sent);
      }
    });
  });
}
