import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { serverLacks } from "../../../src/features/documents/client/server-lacks.ts";

test("a client tells whether the server lacks an insertion or a deletion of its own", () => {
  const server = new Y.Doc();
  server.getText("t").insert(0, "hello");
  const client = new Y.Doc();
  const join = () => {
    const update = Y.encodeStateAsUpdate(server, Y.encodeStateVector(client));
    Y.applyUpdate(client, update);
    return serverLacks(client, update, Y.encodeStateVector(server));
  };
  assert.equal(join(), false);
  client.getText("t").delete(0, 1);
  assert.equal(join(), true, "a deletion");
  Y.applyUpdate(server, Y.encodeStateAsUpdate(client));
  assert.equal(join(), false);
  client.getText("t").insert(0, "J");
  assert.equal(join(), true, "an insertion");
});
