import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { metric } from "../../../support/server.ts";
import { newId } from "../../../support/sockets.ts";
import { apiKey, makeToken } from "../../../support/tokens.ts";
import { ask } from "../../../support/api.ts";
import { useClients } from "../support/clients.ts";
import { insertion, textOf } from "../support/yjs.ts";

/** Changes by backends. The server asks for tokens, and takes updates of 64 KiB and documents of 100,000 bytes. */
export function backendSuite(url: () => string): void {
  describe("changes by backends", () => {
    const { person } = useClients();
    const change = (id: string, body: Uint8Array, bearer = apiKey) =>
      ask(url(), "POST", `/api/documents/${id}/changes`, { body, bearer });

    test("are for backends alone", async () => {
      const user = await makeToken({ documents: { "*": "write" } });
      assert.equal((await change("x", insertion("x"), "nonsense")).status, 401);
      assert.equal((await change("x", insertion("x"), user)).status, 403);
    });

    test("changes reach all members and are stored; the same again does no harm", async () => {
      const id = newId();
      const ada = await person(url(), id, { token: await makeToken({ documents: { "*": "write" } }) });
      const update = insertion("from the backend");
      for (let times = 0; times < 2; times += 1) {
        const { status, body } = await change(id, update);
        assert.deepEqual([status, body.ok, body.stored], [200, true, "local"]);
      }
      await waitFor("ada has it", () => ada.text.toString() === "from the backend");
      const response = await fetch(`${url()}/api/documents/${id}`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      assert.equal(textOf(new Uint8Array(await response.arrayBuffer())), "from the backend");
    });

    test("that are no updates are refused with a code, and change nothing", async () => {
      const id = newId();
      const ada = await person(url(), id, { token: await makeToken({ documents: { "*": "write" } }) });
      const bad: [status: number, code: string, documentId: string, body: Uint8Array][] = [
        [400, "invalid", id, Uint8Array.of(1, 2, 3, 255)],
        [400, "invalid", id, new Uint8Array()],
        [400, "invalid", "a".repeat(129), insertion("x")],
        [413, "too_large", id, insertion("x".repeat(70_000))],
      ];
      for (const [status, code, documentId, body] of bad) {
        const answer = await change(documentId, body);
        assert.deepEqual([answer.status, answer.body.error?.code], [status, code]);
      }
      assert.equal(ada.text.toString(), "");
      assert.ok(ada.socket.connected);
    });

    test("a document does not grow past its bound, whether a client has it open or not", async () => {
      const id = newId();
      assert.equal((await change(id, insertion("x".repeat(60_000)))).status, 200);
      assert.equal((await change(id, insertion("y".repeat(60_000)))).status, 413);
    });

    test("the log of a document that no client has open is merged all the same", async () => {
      const id = newId();
      const merges = () => metric(url(), "trimaran_document_merges_total");
      const before = await merges();
      for (let index = 0; index < 25; index += 1)
        assert.equal((await change(id, insertion("x"))).status, 200);
      await waitFor("it was merged", async () => (await merges()) > before);
    });
  });
}
