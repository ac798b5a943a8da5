import { Hono } from "hono";
import * as v from "valibot";
import type { Revocations } from "../auth/revocations.ts";
import { everything } from "../auth/scope.ts";
import { asRoomId, roomIdSchema } from "../contract/room-id.ts";
import type { Backend } from "../gateway/backend.ts";
import type { Answers } from "./answers.ts";
import { describeRoute, json, ok, refusals } from "./describe.ts";
import type { HttpEnv } from "./env.ts";
import { requireService } from "./identity.ts";
import { takesHeader, takesJson, takesParam, takesRoom } from "./parse.ts";

export interface BackendRoutesOptions {
  backend: Backend;
  revocations: Revocations;
  answers: Answers;
}

const userId = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const takesUser = takesParam("id", userId);
const takesKey = takesHeader(
  "Idempotency-Key",
  v.pipe(
    v.string(),
    v.regex(/^[\x21-\x7e]{1,128}$/, "expected 1-128 visible ASCII characters"),
    v.description("The same key within ten minutes sends nothing again."),
  ),
);
const revocation = v.object({
  userId,
  documentId: v.optional(roomIdSchema),
  action: v.optional(v.picklist(["read", "write"]), "read"),
});

const done = v.object({ ok: v.literal(true) });
const stored = v.object({ ...done.entries, stored: v.picklist(["shared", "local"]) });
const connections = v.object({
  ...done.entries,
  connections: v.array(
    v.object({
      connectionId: v.string(),
      namespace: v.string(),
      name: v.string(),
      address: v.string(),
      documents: v.array(roomIdSchema),
    }),
  ),
  /** Of the replica that was asked alone, because Redis is down. */
  partial: v.boolean(),
});

/** A route for backends: what it does, and what it answers with. */
const about = (summary: string, description: string, answer: v.GenericSchema) =>
  describeRoute({ summary, responses: { ...ok(description, json(answer)), ...refusals } });

/** For backends of the deployment: what they can do without being a client. */
export function backendRoutes({ backend, revocations, answers }: BackendRoutesOptions) {
  const app = new Hono<HttpEnv>();
  const takesEvent = takesJson(
    v.object({ event: v.picklist(backend.pushes), payload: v.record(v.string(), v.unknown()) }),
  );

  app.post(
    "/documents/:id/events",
    about("Sends an event to a document's members, once for each key", "Sent", done),
    requireService,
    takesRoom,
    takesEvent,
    takesKey,
    async (c) => {
      const { event, payload } = c.req.valid("json");
      const key = c.req.valid("header")["Idempotency-Key"];
      await backend.publishEvent(c.req.valid("param").id, event, payload, key);
      return c.json({ ok: true });
    },
  );

  app.get(
    "/users/:id/connections",
    about("A user's connections on all replicas", "All that are open", connections),
    requireService,
    takesUser,
    async (c) => answers.json(c, { ok: true, ...(await backend.connections(c.req.valid("param").id)) }),
  );

  app.delete(
    "/users/:id/connections",
    about("Ends a user's connections; the clients come back with a token", "They are being ended", done),
    requireService,
    takesUser,
    (c) => {
      backend.disconnect(c.req.valid("param").id);
      return c.json({ ok: true });
    },
  );

  app.post(
    "/revocations",
    about(
      "Takes away what a user's tokens issued so far, and within 5 s, allow, on live connections too",
      "Taken away",
      stored,
    ),
    requireService,
    takesJson(
      revocation,
      "Without `documentId`: everything. `write` leaves reading; `read`, the default, takes both.",
    ),
    async (c) => {
      const { documentId, ...rest } = c.req.valid("json");
      const scope = documentId === undefined ? everything : asRoomId(documentId);
      return c.json({ ok: true, stored: await revocations.revoke({ ...rest, scope }) });
    },
  );
  return app;
}
