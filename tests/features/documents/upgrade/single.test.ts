import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import * as Y from "yjs";
import { type Replica, type RuntimeName, runtimes } from "../../../../deploy/local/replica.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { type Fixture, readFixtures } from "../../../upgrade/fixture.ts";
import { openFixture } from "../../../upgrade/old-data.ts";
import { differenceOf } from "./content.ts";
import { expectedSingle } from "./expected.ts";
import { type DocumentMember, openDocument, openDocumentMember, presentClient } from "./member.ts";
import { fetchDocument, memberOf, readDocument, wrongDocuments } from "./old-data.ts";

/** A data file of an earlier version, opened by this one on one runtime. */
function singleSuite(fixture: Fixture, runtime: RuntimeName): void {
  const { documents, empty } = expectedSingle(fixture);
  const { room, session } = fixture.expected.single;
  describe(`documents of ${fixture.about.version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const opened = openFixture(fixture, "single", temporaryFolder());
    const members: DocumentMember[] = [];
    const member = memberOf(opened, members);
    let server: Replica;
    const start = async () => {
      server = await opened.start(runtime, { DATA_FILE: join(opened.folder, "data.sqlite") });
    };
    before(start);
    afterEach(() => {
      for (const { close } of members.splice(0)) close();
    });
    after(() => server.process.stop());

    test("holds what was acknowledged: content, state vectors, deletions", async () => {
      assert.deepEqual(await wrongDocuments(server.url, documents), {});
      for (const id of empty) assert.equal((await fetchDocument(server.url, id)).status, 404);
    });

    test("a client with a session of the old process starts over with the document", async () => {
      const token = await opened.tokenOf("member");
      const back = await openDocumentMember(presentClient, server.url, room, { token, session });
      members.push(back);
      assert.equal(back.socket.recovered, false);
      const document = documents[room] ?? assert.fail("no such document");
      assert.equal(differenceOf(back.doc, document), undefined);
    });

    test("documents take edits; other clients get the same bytes, after a restart as well", async () => {
      const ids = [...Object.keys(documents), ...empty];
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

for (const fixture of readFixtures()) for (const runtime of runtimes) singleSuite(fixture, runtime);
