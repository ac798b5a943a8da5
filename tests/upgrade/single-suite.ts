import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import * as Y from "yjs";
import { waitFor } from "../../deploy/local/process.ts";
import type { Replica, RuntimeName } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { differenceOf } from "./content.ts";
import type { Fixture } from "./fixture.ts";
import { type Member, openDocument, openSocket, presentClient } from "./member.ts";
import { fetchDocument, openFixture, readDocument, wrongDocuments } from "./old-data.ts";

/** A data file of an earlier version, opened by this one on one runtime. */
export function singleSuite(fixture: Fixture, runtime: RuntimeName): void {
  const expected = fixture.expected.single;
  describe(`a data file of ${fixture.about.version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const opened = openFixture(fixture, "single", temporaryFolder());
    const { tokenOf } = opened;
    const members: Member[] = [];
    let server: Replica;
    const start = async () => {
      server = await opened.start(runtime, { DATA_FILE: join(opened.folder, "data.sqlite") });
    };
    const member: typeof opened.member = async (...args) => {
      const one = await opened.member(...args);
      members.push(one);
      return one;
    };
    before(start);
    afterEach(() => {
      for (const { close } of members.splice(0)) close();
    });
    after(() => server.process.stop());

    test("holds what was acknowledged: content, state vectors, deletions", async () => {
      assert.deepEqual(await wrongDocuments(server.url, expected.documents), {});
      for (const id of expected.empty) assert.equal((await fetchDocument(server.url, id)).status, 404);
    });

    test("what was taken from users stays so, and tokens issued since then count", async () => {
      for (const { userId, documentId = expected.room, action } of expected.revocations) {
        const isGone = expected.revocations.some((each) => each.userId === userId && !each.documentId);
        const token = await tokenOf(userId, "before");
        const socket = openSocket(presentClient, server.url, { token, reconnection: false });
        const outcome = await new Promise<string>((resolve) => {
          socket.once("connect_error", (error) => {
            resolve(presentClient.refusalOf(error)?.code ?? error.message);
          });
          socket.once("connect", async () => {
            const reply = await socket.emitWithAck("join-document", { documentId });
            resolve(reply.ok ? reply.access : reply.error.code);
          });
        });
        socket.disconnect();
        assert.equal(outcome, isGone ? "unauthorized" : action === "write" ? "read" : "forbidden", userId);
        const later = await member(server.url, documentId, { token: await tokenOf(userId) });
        assert.equal(later.provider.state.access, "write", userId);
      }
    });

    test("a message that is sent again with its old id is not delivered again", async () => {
      const [ada, bob] = [
        await member(server.url, expected.room),
        await member(server.url, expected.room, { token: await tokenOf("bob") }),
      ];
      for (const { id, text } of expected.messages) await ada.say(text, id);
      await ada.say("a new one");
      await waitFor("the new one has come", () => bob.messages.includes("a new one"));
      assert.deepEqual(bob.messages, ["a new one"]);
    });

    test("a client with a session of the old process is not recovered, and starts over", async () => {
      const back = await member(server.url, expected.room, { session: expected.session });
      assert.equal(back.socket.recovered, false);
      assert.equal(
        differenceOf(back.doc, expected.documents[expected.room] ?? assert.fail("no such document")),
        undefined,
      );
    });

    test("documents take edits; other clients get the same bytes, after a restart as well", async () => {
      const ids = [...Object.keys(expected.documents), ...expected.empty];
      const open = async () => {
        const first = await member(server.url, ids[0] ?? "");
        const opening = ids.slice(1).map((id) => openDocument(presentClient, first.socket, id));
        const others = await Promise.all(opening);
        members.push(...others);
        return [first, ...others];
      };
      const writers = await open();
      for (const { doc } of writers) doc.getText("added").insert(0, "by this version");
      await Promise.all(writers.map(({ provider }) => provider.whenSaved()));
      const states = (await open()).map(({ doc }) => Y.encodeStateAsUpdate(doc));
      for (const [index, id] of ids.entries()) {
        const doc = new Y.Doc();
        Y.applyUpdate(doc, states[index] ?? assert.fail(id));
        assert.equal(doc.getText("added").toString(), "by this version", id);
        const vectors = [doc, writers[index]?.doc ?? assert.fail(id)].map(Y.encodeStateVector);
        assert.deepEqual(vectors[0], vectors[1], id);
      }
      await server.process.stop();
      await start();
      for (const [index, id] of ids.entries())
        assert.deepEqual(Y.encodeStateAsUpdate(await readDocument(server.url, id)), states[index], id);
    });
  });
}
