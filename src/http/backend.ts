import { Hono } from "hono";
import * as v from "valibot";
import type { Revocations } from "../auth/revocations.ts";
import { roomIdSchema } from "../platform/contract/room-id.ts";
import type { Backend } from "../realtime/backend.ts";
import type { Answers } from "./answers.ts";
import type { HttpEnv } from "./env.ts";
import { requireService } from "./identity.ts";
import { jsonBody, param, parse, roomParam } from "./parse.ts";

export interface BackendRoutesOptions {
  backend: Backend;
  revocations: Revocations;
  answers: Answers;
}

const userId = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const key = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/, "expected 1-128 visible ASCII characters"));

export const eventBody = (pushes: string[]) =>
  v.object({ event: v.picklist(pushes), payload: v.record(v.string(), v.unknown()) });
export const revocationBody = v.object({
  userId,
  documentId: v.optional(roomIdSchema),
  action: v.optional(v.picklist(["read", "write"]), "read"),
});

/** For backends of the deployment: what they can do without being a client. */
export function backendRoutes({ backend, revocations, answers }: BackendRoutesOptions) {
  const app = new Hono<HttpEnv>();
  const eventSchema = eventBody(backend.pushes);

  app.post("/documents/:id/events", requireService, async (c) => {
    const room = roomParam(c);
    const { event, payload } = await jsonBody(c, eventSchema);
    const idempotencyKey = parse(key, c.req.header("idempotency-key"), "Idempotency-Key");
    await backend.publishEvent(room, event, payload, idempotencyKey);
    return c.json({ ok: true });
  });

  app.get("/users/:id/connections", requireService, async (c) =>
    answers.json(c, { ok: true, ...(await backend.connections(param(c, "id", userId))) }),
  );

  app.delete("/users/:id/connections", requireService, (c) => {
    backend.disconnect(param(c, "id", userId));
    return c.json({ ok: true });
  });

  app.post("/revocations", requireService, async (c) => {
    const stored = await revocations.revoke(await jsonBody(c, revocationBody));
    return c.json({ ok: true, stored });
  });
  return app;
}
