import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { documentsFeature } from "../../../src/features/documents/index.ts";
import { useApp } from "../../support/app.ts";
import { newId, useSockets } from "../../support/sockets.ts";

describe("the reply to joining a document", () => {
  const url = useApp([documentsFeature]);
  const { socketTo } = useSockets();

  test("has the declared fields alone, and a few bytes for a client that has everything", async () => {
    const [socket, documentId, doc] = [socketTo(url()), newId(), new Y.Doc()];
    doc.getText("content").insert(0, "x".repeat(500_000));
    await socket.emitWithAck("join-document", { documentId });
    await socket.emitWithAck("send-changes", { documentId, update: Y.encodeStateAsUpdate(doc) });

    const whole = await socket.emitWithAck("join-document", { documentId });
    assert.deepEqual(Object.keys(whole).toSorted(), ["access", "ok", "stateVector", "update"]);
    assert.ok(whole.ok && whole.update.byteLength > 500_000);

    const stateVector = Y.encodeStateVector(doc);
    const rest = await socket.emitWithAck("join-document", { documentId, stateVector });
    assert.deepEqual(Object.keys(rest).toSorted(), ["access", "ok", "stateVector", "update"]);
    assert.ok(rest.ok && rest.update.byteLength + rest.stateVector.byteLength < 100);
  });
});
