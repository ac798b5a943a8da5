import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readDescription } from "../../../support/description.ts";
import { newId } from "../../../support/sockets.ts";
import { useClients } from "../support/clients.ts";
import { insertion, textOf } from "../support/yjs.ts";

/** Documents over HTTP, and in the reference. */
export function httpSuite(url: () => string): void {
  describe("HTTP", () => {
    const { person, socketTo } = useClients();

    test("a document can be read as Yjs binary and as JSON", async () => {
      const id = newId();
      const ada = await person(url(), id);
      ada.text.insert(0, "hello", { bold: true });
      await ada.provider.whenSaved();
      const binary = await fetch(`${url()}/api/documents/${id}`);
      assert.equal(binary.headers.get("content-type"), "application/octet-stream");
      assert.equal(textOf(new Uint8Array(await binary.arrayBuffer())), "hello");
      const json = await fetch(`${url()}/api/documents/${id}`, { headers: { accept: "application/json" } });
      assert.deepEqual(await json.json(), {
        documentId: id,
        types: { content: [{ insert: "hello", attributes: { bold: true } }] },
      });
    });

    test("a document that is not there is a 404, an id that none can have is invalid", async () => {
      const unknown = await fetch(`${url()}/api/documents/${newId()}`);
      assert.equal(unknown.status, 404);
      const malformed = await fetch(`${url()}/api/documents/a%20b`);
      assert.equal(malformed.status, 400);
      assert.equal(((await malformed.json()) as { error: { code: string } }).error.code, "invalid");
    });

    test("acknowledgements, and what members are sent, are as the reference describes them", async () => {
      const { assertExchange } = await readDescription(url());
      const documentId = newId();
      const other = socketTo(url());
      assert.ok((await other.emitWithAck("join-document", { documentId })).ok);
      const received = assertExchange(other, {}, ["receive-changes"]);
      const events = {
        "join-document": { documentId },
        "send-changes": { documentId, update: insertion("x") },
      };
      await assertExchange(socketTo(url()), events, []);
      await received;
    });
  });
}
