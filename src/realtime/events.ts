import * as v from "valibot";
import { documentIdSchema } from "../shared/document-id.ts";
import type { Action } from "../auth/user.ts";
import type { ErrorReply } from "../shared/errors.ts";

/*
 * The wire contract: every event, its payload and its reply. Types are inferred from the schemas, for
 * the server's handlers and for the client alike.
 *
 * To add an event: add its entry to `clientEvents` (or `serverEvents`), then its handler to a file of
 * `handlers/`. A handler that is missing or does not match does not compile.
 */

/** Yjs binary. Browsers and long-polling may bring an ArrayBuffer. */
export const bytes = v.pipe(
  v.union([v.instance(Uint8Array), v.instance(ArrayBuffer)], "expected binary data"),
  v.transform((data): Uint8Array => (data instanceof Uint8Array ? data : new Uint8Array(data))),
);

// Half a character has no UTF-8: on its way through Redis it would become something else, on some replicas.
const wellFormed = v.check((value: string) => value.isWellFormed(), "expected well-formed Unicode");
const messageId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), wellFormed);
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4000), wellFormed);

export const modeSchema = v.picklist(["single", "cluster", "degraded"]);
export type Mode = v.InferOutput<typeof modeSchema>;

/** What this client may do with a document it has joined. */
const accessSchema = v.picklist(["read", "write"]);

/** Who comes, by a token where the server wants one; `name` is shown to others unless the token has one. */
export const authSchema = v.object({
  token: v.optional(v.string()),
  name: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.maxLength(60),
      // A name that was cut off in the middle of a character is still a name.
      v.transform((name) => name.toWellFormed()),
    ),
    "",
  ),
});

export interface ClientEvent {
  /** A line for the reference at /docs. */
  summary: string;
  payload: v.GenericSchema;
  /** What an acknowledgement has besides `ok: true`; absent for events without acknowledgement. */
  reply?: v.GenericSchema;
  /** Whether the sender must have joined the document. */
  membersOnly: boolean;
  /** What the sender must be allowed to do with the document; nothing for what takes nothing and gives nothing. */
  needs?: Action;
  /**
   * `exclusive`: done before the sender's next event starts. `in-turn`: starts after the one before.
   * `lossy`: never waits behind others.
   */
  order: "exclusive" | "in-turn" | "lossy";
}

export const clientEvents = {
  "join-document": {
    summary:
      "Becomes a member of a document. `stateVector` says what the client has; the reply brings the rest.",
    payload: v.object({ documentId: documentIdSchema, stateVector: v.optional(bytes) }),
    reply: v.object({ update: bytes, stateVector: bytes, access: accessSchema }),
    membersOnly: false,
    needs: "read",
    order: "exclusive",
  },
  "send-changes": {
    summary: "Changes a document. Acknowledged when the change is stored and other replicas will hear of it.",
    payload: v.object({ documentId: documentIdSchema, update: bytes }),
    reply: v.object({ stored: v.picklist(["shared", "local"]) }),
    membersOnly: true,
    needs: "write",
    order: "in-turn",
  },
  "send-presence": {
    summary:
      "Says where this person is in the document (y-protocols' awareness). Never acknowledged, may be lost.",
    payload: v.object({ documentId: documentIdSchema, update: bytes }),
    membersOnly: true,
    needs: "write",
    order: "lossy",
  },
  "send-message": {
    summary: "Says something to all members. `id` is the client's: a repeated one is delivered once.",
    payload: v.object({ documentId: documentIdSchema, id: messageId, text }),
    reply: v.object({}),
    membersOnly: true,
    needs: "write",
    order: "in-turn",
  },
  "leave-document": {
    summary: "Stops being a member.",
    payload: v.object({ documentId: documentIdSchema }),
    reply: v.object({}),
    membersOnly: false,
    order: "exclusive",
  },
} as const satisfies Record<string, ClientEvent>;

const errorSchema = v.object({
  code: v.string(),
  message: v.string(),
  retryAfterMs: v.optional(v.number()),
});

/** What a client is sent, with a line for the reference at /docs. */
const described = <S extends v.GenericSchema>(summary: string, schema: S) =>
  v.pipe(schema, v.description(summary));

export const serverEvents = {
  "receive-changes": described(
    "Another member changed the document.",
    v.object({ documentId: documentIdSchema, update: bytes }),
  ),
  "receive-presence": described(
    "Where members are in the document; the latest counts.",
    v.object({ documentId: documentIdSchema, update: bytes }),
  ),
  "receive-message": described(
    "A member said something; the sender gets it, too. In one order everywhere, and after a short absence.",
    v.object({
      documentId: documentIdSchema,
      id: messageId,
      from: v.string(),
      text,
      /** Milliseconds since 1970, by the clock of the replica that took the message. */
      sentAt: v.number(),
    }),
  ),
  mode: described(
    "How the server works now, on connect and on change. `open`: without authentication, everybody may do everything.",
    v.object({ mode: modeSchema, nodeId: v.string(), runtime: v.string(), open: v.boolean() }),
  ),
  "access-changed": described(
    "Something was taken away; with `none` the client is no member any more.",
    v.object({ documentId: documentIdSchema, access: v.picklist(["none", "read"]) }),
  ),
  resync: described(
    "Room events may have been missed, and can't be made up for: fetch again what matters.",
    v.object({ reason: v.picklist(["gap"]) }),
  ),
  "error-message": described(
    "A refusal of an event that was sent without an acknowledgement callback.",
    v.object({ ok: v.literal(false), error: errorSchema }),
  ),
} as const satisfies Record<string, v.GenericSchema>;

/** Those that a backend may send to a document's members over HTTP (src/http/backend.ts). */
export const backendEvents = ["receive-message"] as const satisfies (keyof typeof serverEvents)[];
export type BackendEventName = (typeof backendEvents)[number];

export type ClientEventName = keyof typeof clientEvents;
export type ServerEventName = keyof typeof serverEvents;

export type Payload<E extends ClientEventName> = v.InferOutput<(typeof clientEvents)[E]["payload"]>;

/** What a handler of the event returns, and what its acknowledgement has besides `ok`. */
export type Result<E extends ClientEventName> = (typeof clientEvents)[E] extends {
  reply: infer R extends v.GenericSchema;
}
  ? v.InferOutput<R>
  : void;

export type { ErrorReply };

export type Reply<E extends ClientEventName> = ({ ok: true } & Result<E>) | ErrorReply;

/** Listener types for Socket.IO, as the official packages take them. */
export type ClientToServerEvents = {
  [E in ClientEventName]: Result<E> extends void
    ? (payload: Payload<E>) => void
    : (payload: Payload<E>, acknowledge: (reply: Reply<E>) => void) => void;
};

export type ServerToClientEvents = {
  [E in ServerEventName]: (payload: v.InferOutput<(typeof serverEvents)[E]>, offset?: string) => void;
} & {
  /** Where this client would be recovered from; Socket.IO's client notes it by itself. */
  offset: (offset: string) => void;
};
