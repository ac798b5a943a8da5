import * as v from "valibot";
import { type ComposedContract, composeContracts } from "../contract/compose.ts";
import { type Contract, type Feature, defineContract } from "../contract/define.ts";
import type { ClientToServerEvents, JoinFields, ServerToClientEvents } from "../contract/types.ts";
import { bytes } from "../contract/values.ts";
import type { ErrorReply } from "../util/errors.ts";

/*
 * The platform's own events and pushes: rooms, presence, and how the server is. Features have contracts of their own.
 */

export const modeSchema = v.picklist(["single", "cluster", "degraded"]);
export type Mode = v.InferOutput<typeof modeSchema>;

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

const errorSchema = v.object({
  code: v.string(),
  message: v.string(),
  retryAfterMs: v.optional(v.number()),
});

export const platform = defineContract("platform", {
  events: {
    "join-document": {
      summary: "Becomes a member of a document.",
      payload: {},
      reply: { access: v.picklist(["read", "write"]) },
      room: "named",
      needs: "read",
      order: "exclusive",
    },
    "leave-document": {
      summary: "Stops being a member.",
      payload: {},
      reply: {},
      room: "named",
      order: "exclusive",
    },
    "send-presence": {
      summary:
        "Says where this person is in the document (y-protocols' awareness). Never acknowledged, may be lost.",
      payload: { update: bytes },
      room: "joined",
      needs: "write",
      order: "lossy",
    },
  },
  pushes: {
    "receive-presence": {
      summary: "Where members are in the document; the latest counts.",
      payload: { update: bytes },
      room: true,
      recover: false,
    },
    mode: {
      summary:
        "How the server works now, on connect and on change. `open`: without authentication, everybody may do everything.",
      payload: { mode: modeSchema, nodeId: v.string(), runtime: v.string(), open: v.boolean() },
      recover: false,
    },
    "access-changed": {
      summary: "Something was taken away; with `none` the client is no member any more.",
      payload: { access: v.picklist(["none", "read"]) },
      room: true,
      recover: false,
    },
    offset: {
      summary: "Where this client would be recovered from; Socket.IO's client notes it by itself.",
      payload: v.string(),
      recover: false,
      // Each replica says it to its own clients.
      check: () => false,
    },
    resync: {
      summary: "Room events may have been missed, and can't be made up for: fetch again what matters.",
      payload: { reason: v.picklist(["gap"]) },
      recover: false,
    },
    "error-message": {
      summary: "A refusal of an event that was sent without an acknowledgement callback.",
      payload: { ok: v.literal(false), error: errorSchema },
      recover: false,
    },
  },
});
export type Platform = typeof platform;

/** The platform's contract and those of features. @throws {StartupError} when two define the same. */
export function composeApp(features: readonly Feature[]): ComposedContract {
  return composeContracts([platform, ...features.map(({ contract }) => contract)]);
}

type JoinListener<C extends Contract> = (
  payload: { documentId: string } & JoinFields<C, "payload">,
  acknowledge: (
    reply: ({ ok: true; access: "read" | "write" } & JoinFields<C, "reply">) | ErrorReply,
  ) => void,
) => void;

/** What clients of an app with these features may send. */
export type AppClientEvents<C extends Contract> = Omit<
  ClientToServerEvents<C | Platform>,
  "join-document"
> & {
  "join-document": JoinListener<C>;
};
/** What clients of an app with these features are sent. */
export type AppServerEvents<C extends Contract> = ServerToClientEvents<C | Platform>;
