import type { Context } from "hono";
import * as v from "valibot";
import { type RoomId, asRoomId, roomIdSchema } from "../platform/contract/room-id.ts";
import { Refusal } from "../shared/errors.ts";

/* What routes take out of a request, checked. @throws {Refusal} `invalid`, with what was wrong in words. */

export function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new Refusal("invalid", `${what}${path ? `.${path}` : ""}: ${issue.message}`);
}

export function param<T>(c: Context, name: string, schema: v.GenericSchema<unknown, T>): T {
  return parse(schema, c.req.param(name), name);
}

export const roomParam = (c: Context): RoomId =>
  asRoomId(parse(roomIdSchema, c.req.param("id"), "document id"));

export async function jsonBody<T>(c: Context, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const value: unknown = await c.req.json().catch((cause: unknown) => {
    throw new Refusal("invalid", "body: expected JSON", { cause });
  });
  return parse(schema, value, "body");
}
