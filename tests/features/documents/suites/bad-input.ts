import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorReply } from "../../../../src/client/index.ts";
import { type Transport, newId } from "../../../support/sockets.ts";
import { useClients } from "../support/clients.ts";
import { insertion, textOf } from "../support/yjs.ts";

/** What is no Yjs update or state vector is refused, and changes no document. */
export function badInputSuite(url: () => string, transport: Transport): void {
  describe(`bad input by ${transport}`, () => {
    const { person, socketTo } = useClients();
    /** The socket of a client that does not keep to the contract. */
    const untyped = () =>
      socketTo(url(), { transports: [transport] }) as unknown as {
        emitWithAck: (event: string, payload: object) => Promise<{ ok: true } | ErrorReply>;
      };
    const textIn = async (documentId: string) => {
      const response = await fetch(`${url()}/api/documents/${documentId}`);
      return response.ok ? textOf(new Uint8Array(await response.arrayBuffer())) : response.status;
    };

    const malformed: [what: string, event: string, payload: object][] = [
      ["a state vector that is text", "join-document", { stateVector: "AA==" }],
      ["a state vector that is not Yjs", "join-document", { stateVector: Uint8Array.of(9, 1) }],
      ["a change that is text", "send-changes", { update: "AAA=" }],
      ["a change that is not Yjs", "send-changes", { update: Uint8Array.of(1, 2, 3, 255) }],
      ["a change that is empty", "send-changes", { update: new Uint8Array() }],
      ["a change that is cut off", "send-changes", { update: insertion("hello").subarray(0, 10) }],
    ];

    test("malformed changes and state vectors are refused as invalid, and change nothing", async () => {
      const documentId = newId();
      const witness = await person(url(), documentId, { transports: [transport] });
      const socket = untyped();
      await socket.emitWithAck("join-document", { documentId });
      for (const [what, event, payload] of malformed) {
        const reply = await socket.emitWithAck(event, { documentId, ...payload });
        assert.equal(reply.ok === false && reply.error.code, "invalid", what);
        assert.ok(reply.ok === false && reply.error.message.length > 0, what);
      }
      assert.equal(witness.text.toString(), "");
      witness.text.insert(0, "undisturbed");
      await witness.provider.whenSaved();
      assert.equal(await textIn(documentId), "undisturbed");
    });

    test("a document that was not joined can't be changed", async () => {
      const documentId = newId();
      const witness = await person(url(), documentId, { transports: [transport] });
      const update = insertion("intruder");
      const reply = await untyped().emitWithAck("send-changes", { documentId, update });
      assert.equal(reply.ok === false && reply.error.code, "not_joined");
      assert.equal(await textIn(documentId), 404);
      assert.equal(witness.text.toString(), "");
    });
  });
}
