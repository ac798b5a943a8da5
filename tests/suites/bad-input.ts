import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { ErrorReply } from "../../src/client/index.ts";
import { type TalkClient, useMembers } from "../support/members.ts";
import { type Transport, newId } from "../support/sockets.ts";
import type { talk } from "../support/talk/contract.ts";

/** The server under test takes binary fields of up to this many bytes. */
export const maxUpdateBytes = 64 * 1024;

type Reply = { ok: true } | ErrorReply;

/** The socket of a client that does not keep to the contract. */
function untyped(socket: TalkClient) {
  return socket as unknown as {
    emit: (event: string, ...args: unknown[]) => void;
    emitWithAck: (event: string, ...args: unknown[]) => Promise<Reply>;
  };
}

/** What does not fit the contract is refused, changes nothing, and disturbs no other client. */
export function badInputSuite(url: () => string, transport: Transport): void {
  describe(`bad input by ${transport}`, () => {
    const { member, socketTo } = useMembers();
    const connectTo = () => socketTo<typeof talk>(url(), { transports: [transport] });
    const id = newId();

    /** A member that only listens. @returns all that it was sent until what it says now has come back to it. */
    async function listenIn(documentId: string): Promise<() => Promise<unknown[]>> {
      const witness = await member(url(), documentId, { transports: [transport] });
      const received: unknown[] = [];
      for (const push of ["said", "put-here", "pointed", "receive-presence"] as const)
        witness.socket.on(push, (payload: { text?: string }) => received.push(payload.text ?? payload));
      return async () => {
        assert.ok((await witness.say("undisturbed")).ok);
        await waitFor("it hears itself", () => received.includes("undisturbed"));
        return received;
      };
    }

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
      ["bytes that are text", "put", [{ documentId: id, data: "AAA=" }]],
      ["bytes that are an object", "put", [{ documentId: id, data: { 0: 1 } }]],
      ["a presence that is not one", "send-presence", [{ documentId: id, update: Uint8Array.of(5, 5, 5) }]],
      ["a message without an id", "say", [{ documentId: id, text: "hi" }]],
      ["an empty message", "say", [{ documentId: id, id: "1", text: "" }]],
      ["a message that is too long", "say", [{ documentId: id, id: "1", text: "x".repeat(4001) }]],
    ];

    test("malformed events are refused as invalid, and change nothing", async () => {
      const received = await listenIn(id);
      const socket = untyped(connectTo());
      await socket.emitWithAck("join-document", { documentId: id });
      for (const [what, event, args] of malformed) {
        const reply = await socket.emitWithAck(event, ...args);
        assert.equal(reply.ok === false && reply.error.code, "invalid", what);
        assert.ok(reply.ok === false && reply.error.message.length > 0, what);
      }
      assert.deepEqual(await received(), ["undisturbed"]);
    });

    test("bytes that are too many are refused, and the connection stays", async () => {
      const documentId = newId();
      const socket = connectTo();
      await socket.emitWithAck("join-document", { documentId });
      const put = (size: number) => socket.emitWithAck("put", { documentId, data: new Uint8Array(size) });
      const reply = await put(maxUpdateBytes + 1);
      assert.equal(reply.ok === false && reply.error.code, "too_large");
      assert.deepEqual(await put(maxUpdateBytes), { ok: true, size: maxUpdateBytes });
    });

    test("what is far too large ends that connection, and no other", async () => {
      const documentId = newId();
      const received = await listenIn(documentId);
      const socket = connectTo();
      await socket.emitWithAck("join-document", { documentId });
      const gone = new Promise((resolve) => socket.once("disconnect", resolve));
      socket.emit("put", { documentId, data: new Uint8Array(4 * maxUpdateBytes) }, () => {});
      await gone;
      assert.deepEqual(await received(), ["undisturbed"]);
    });

    test("without an acknowledgement callback the refusal comes as an event", async () => {
      const socket = connectTo();
      const refusals: ErrorReply[] = [];
      socket.on("error-message", (refusal) => refusals.push(refusal as ErrorReply));
      untyped(socket).emit("put", { documentId: 1 });
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

    test("a client that has not joined can send nothing to a room", async () => {
      const documentId = newId();
      const received = await listenIn(documentId);
      const socket = untyped(connectTo());
      for (const [event, payload] of [
        ["put", { documentId, data: Uint8Array.of(1) }],
        ["point", { documentId, at: 1 }],
        ["send-presence", { documentId, update: Uint8Array.of(0) }],
        ["say", { documentId, id: "1", text: "hi" }],
      ] as const) {
        const reply = await socket.emitWithAck(event, payload);
        assert.equal(reply.ok === false && reply.error.code, "not_joined", event);
      }
      assert.deepEqual(await received(), ["undisturbed"]);
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

    test("of a flood of events each is answered, or refused as overloaded", async () => {
      const documentId = newId();
      const socket = connectTo();
      await socket.emitWithAck("join-document", { documentId });
      const replies = await Promise.all(
        Array.from({ length: 600 }, (_, index) =>
          untyped(socket).emitWithAck("say", { documentId, id: `${index}`, text: "x" }),
        ),
      );
      const codes = new Set(replies.map((reply) => (reply.ok ? "ok" : reply.error.code)));
      assert.ok(codes.has("ok"));
      for (const code of codes) assert.ok(["ok", "overloaded"].includes(code), code);
    });
  });
}
