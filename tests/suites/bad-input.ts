import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { ErrorReply, TrimaranClient } from "../../src/client/index.ts";
import { type Transport, newId } from "../support/sockets.ts";
import { useClients } from "../features/documents/support/clients.ts";
import { insertion, textOf } from "../features/documents/support/yjs.ts";

/** The server under test takes updates up to this many bytes. */
export const maxUpdateBytes = 64 * 1024;

type Reply = { ok: true } | ErrorReply;

/** The socket as someone has it who does not keep to the contract. */
function untyped(socket: TrimaranClient) {
  return socket as unknown as {
    emit: (event: string, ...args: unknown[]) => void;
    emitWithAck: (event: string, ...args: unknown[]) => Promise<Reply>;
  };
}

/** What does not fit the contract is refused, stores nothing, and disturbs nobody. */
export function badInputSuite(url: () => string, transport: Transport): void {
  describe(`bad input by ${transport}`, () => {
    const { person, socketTo } = useClients();
    const connectTo = () => socketTo(url(), { transports: [transport] });
    const id = newId();

    const malformed: [what: string, event: string, args: unknown[]][] = [
      ["an unknown event", "drop-tables", [{}]],
      ["an event named like an object's property", "constructor", [{}]],
      ["no payload", "join-document", []],
      ["a payload too many", "join-document", [{ documentId: id }, 1]],
      ["null for a payload", "join-document", [null]],
      ["an array for a payload", "join-document", [[id]]],
      ["no document id", "join-document", [{}]],
      ["a number for a document id", "join-document", [{ documentId: 7 }]],
      ["a document id with other characters", "join-document", [{ documentId: "a/../b" }]],
      ["a document id that is too long", "join-document", [{ documentId: "a".repeat(129) }]],
      ["a state vector that is text", "join-document", [{ documentId: id, stateVector: "AA==" }]],
      [
        "a state vector that is not Yjs",
        "join-document",
        [{ documentId: id, stateVector: Uint8Array.of(9, 1) }],
      ],
      ["a change that is text", "send-changes", [{ documentId: id, update: "AAA=" }]],
      ["a change that is not Yjs", "send-changes", [{ documentId: id, update: Uint8Array.of(1, 2, 3, 255) }]],
      ["a change that is empty", "send-changes", [{ documentId: id, update: new Uint8Array() }]],
      [
        "a change that is cut off",
        "send-changes",
        [{ documentId: id, update: insertion("hello").subarray(0, 10) }],
      ],
      ["a presence that is not one", "send-presence", [{ documentId: id, update: Uint8Array.of(5, 5, 5) }]],
      ["a message without an id", "send-message", [{ documentId: id, text: "hi" }]],
      ["an empty message", "send-message", [{ documentId: id, id: "1", text: "" }]],
      ["a message that is too long", "send-message", [{ documentId: id, id: "1", text: "x".repeat(4001) }]],
    ];

    test("malformed events are refused as invalid, and change nothing", async () => {
      const witness = await person(url(), id, { transports: [transport] });
      const socket = untyped(connectTo());
      await socket.emitWithAck("join-document", { documentId: id });
      for (const [what, event, args] of malformed) {
        const reply = await socket.emitWithAck(event, ...args);
        assert.equal(reply.ok === false && reply.error.code, "invalid", what);
        assert.ok(reply.ok === false && reply.error.message.length > 0, what);
      }
      assert.equal(witness.text.toString(), "");
      assert.deepEqual(witness.messages, []);
      witness.text.insert(0, "undisturbed");
      await witness.provider.whenSaved();
    });

    test("a change that is too large is refused, and the connection stays", async () => {
      const documentId = newId();
      const socket = untyped(connectTo());
      await socket.emitWithAck("join-document", { documentId });
      const reply = await socket.emitWithAck("send-changes", {
        documentId,
        update: insertion("x".repeat(maxUpdateBytes)),
      });
      assert.equal(reply.ok === false && reply.error.code, "too_large");
      assert.equal(
        (await socket.emitWithAck("send-changes", { documentId, update: insertion("small") })).ok,
        true,
      );
    });

    test("what is far too large ends that connection, and no other", async () => {
      const documentId = newId();
      const witness = await person(url(), documentId, { transports: [transport] });
      const socket = connectTo();
      await socket.emitWithAck("join-document", { documentId });
      const gone = new Promise((resolve) => socket.once("disconnect", resolve));
      untyped(socket).emit(
        "send-changes",
        { documentId, update: new Uint8Array(4 * maxUpdateBytes) },
        () => {},
      );
      await gone;
      witness.text.insert(0, "here");
      await witness.provider.whenSaved();
      assert.equal(witness.text.toString(), "here");
    });

    test("without an acknowledgement callback the refusal comes as an event", async () => {
      const socket = connectTo();
      const refusals: ErrorReply[] = [];
      socket.on("error-message", (refusal) => refusals.push(refusal as ErrorReply));
      untyped(socket).emit("send-changes", { documentId: 1 });
      untyped(socket).emit("no-such-event");
      await waitFor("both refusals", () => refusals.length === 2);
      assert.deepEqual(
        refusals.map(({ ok, error: { code } }) => [ok, code]),
        [
          [false, "invalid"],
          [false, "invalid"],
        ],
      );
    });

    test("a document that was not joined can't be changed, talked in or watched", async () => {
      const documentId = newId();
      const witness = await person(url(), documentId, { transports: [transport] });
      const socket = untyped(connectTo());
      for (const [event, payload] of [
        ["send-changes", { documentId, update: insertion("intruder") }],
        ["send-presence", { documentId, update: Uint8Array.of(0) }],
        ["send-message", { documentId, id: "1", text: "hi" }],
      ] as const) {
        const reply = await socket.emitWithAck(event, payload);
        assert.equal(reply.ok === false && reply.error.code, "not_joined", event);
      }
      const response = await fetch(`${url()}/api/documents/${documentId}`);
      assert.equal(response.status, 404);
      assert.equal(witness.text.toString(), "");
    });

    test("a name that is too long or no text is refused at the door", async () => {
      for (const name of ["x".repeat(61), { evil: true }]) {
        const socket = socketTo(url(), {
          transports: [transport],
          name: name as string,
          reconnection: false,
        });
        const error = await new Promise<Error & { data?: { code: string } }>((resolve) =>
          socket.once("connect_error", resolve),
        );
        assert.equal(error.data?.code, "invalid");
      }
    });

    test("a flood of events that nobody waits for is refused, in good time", async () => {
      const documentId = newId();
      const socket = connectTo();
      await socket.emitWithAck("join-document", { documentId });
      const replies = await Promise.all(
        Array.from({ length: 600 }, (_, index) =>
          untyped(socket).emitWithAck("send-message", { documentId, id: `${index}`, text: "x" }),
        ),
      );
      const codes = new Set(replies.map((reply) => (reply.ok ? "ok" : reply.error.code)));
      assert.ok(codes.has("ok"));
      for (const code of codes) assert.ok(["ok", "overloaded"].includes(code), code);
    });

    test("the document survived all of this", async () => {
      const documentId = newId();
      const ada = await person(url(), documentId, { transports: [transport] });
      ada.text.insert(0, "fine");
      await ada.provider.whenSaved();
      const response = await fetch(`${url()}/api/documents/${documentId}`);
      assert.equal(textOf(new Uint8Array(await response.arrayBuffer())), "fine");
    });
  });
}
