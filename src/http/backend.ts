import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { Revocations } from "../auth/revocations.ts";
import { documentIdSchema } from "../shared/document-id.ts";
import { type BackendEventName, backendEvents } from "../realtime/events.ts";
import { Refusal } from "../shared/errors.ts";
import type { Answers } from "./answers.ts";
import type { HttpEnv } from "./env.ts";
import { requireService } from "./identity.ts";

/** What is done for them; src/realtime/backend.ts. */
export interface BackendSource {
  publishChanges(documentId: string, update: Uint8Array): Promise<"shared" | "local">;
  publishEvent(documentId: string, event: BackendEventName, payload: object, key: string): Promise<void>;
  connections(userId: string): Promise<{ connections: object[]; partial: boolean }>;
  disconnect(userId: string): void;
}

export interface BackendRoutesOptions {
  backend: BackendSource;
  revocations: Revocations;
  answers: Answers;
  maxUpdateBytes: number;
}

const userId = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const key = v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,128}$/, "expected 1-128 visible ASCII characters"));

export const eventBody = v.object({
  event: v.picklist(backendEvents),
  payload: v.record(v.string(), v.unknown()),
});
export const revocationBody = v.object({
  userId,
  documentId: v.optional(documentIdSchema),
  action: v.optional(v.picklist(["read", "write"]), "read"),
});

/** For backends of the deployment: what they can do without being a client. */
export function backendRoutes({ backend, revocations, answers, maxUpdateBytes }: BackendRoutesOptions) {
  const app = new Hono<HttpEnv>();

  app.post("/documents/:id/changes", requireService, async (c) => {
    const documentId = param(c, "id", documentIdSchema);
    const update = new Uint8Array(await c.req.arrayBuffer());
    if (update.length > maxUpdateBytes)
      throw new Refusal("too_large", `body: ${update.length} bytes, at most ${maxUpdateBytes} are taken`);
    return c.json({ ok: true, stored: await backend.publishChanges(documentId, update) });
  });

  app.post("/documents/:id/events", requireService, async (c) => {
    const documentId = param(c, "id", documentIdSchema);
    const { event, payload } = parse(eventBody, await json(c), "body");
    const idempotencyKey = parse(key, c.req.header("idempotency-key"), "Idempotency-Key");
    await backend.publishEvent(documentId, event, payload, idempotencyKey);
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
    const stored = await revocations.revoke(parse(revocationBody, await json(c), "body"));
    return c.json({ ok: true, stored });
  });
  return app;
}

function param<T>(c: Context, name: string, schema: v.GenericSchema<unknown, T>): T {
  return parse(schema, c.req.param(name), name);
}

async function json(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (cause) {
    throw new Refusal("invalid", "body: expected JSON", { cause });
  }
}

function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new Refusal("invalid", `${what}${path ? `.${path}` : ""}: ${issue.message}`);
}
