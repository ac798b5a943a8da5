import type { Context, MiddlewareHandler, ValidationTargets } from "hono";
import { resolver } from "hono-openapi";
import * as v from "valibot";
import { type RoomId, asRoomId, roomIdSchema } from "../contract/room-id.ts";
import { Refusal } from "../util/errors.ts";
import { described, json } from "./describe.ts";
import type { HttpEnv } from "./env.ts";

/*
 * Checks of what a request brings. Each is a middleware that describes what it takes; a handler gets the value by
 * `c.req.valid`. @throws {Refusal} `invalid`, with what was wrong in words.
 *
 * Not `validator` of hono-openapi: it takes JSON only with a content type that says so, which clients leave out, and
 * names a header in lower case.
 */

type Takes<Target extends keyof ValidationTargets, T> = MiddlewareHandler<
  HttpEnv,
  string,
  { in: Record<Target, unknown>; out: Record<Target, T> }
>;

/** The route's parameter for a room, `:id`. */
export const takesRoom: Takes<"param", { id: RoomId }> = takes("param", "id", roomIdSchema, (c) =>
  asRoomId(parse(roomIdSchema, c.req.param("id"), "document id")),
);

/** A parameter in the path. */
export function takesParam<const N extends string, T>(name: N, schema: v.GenericSchema<unknown, T>) {
  return takes("param", name, schema, (c) => parse(schema, c.req.param(name), name));
}

/** A header. @param name as it is written in refusals and in the description. */
export function takesHeader<const N extends string, T>(name: N, schema: v.GenericSchema<unknown, T>) {
  return takes("header", name, schema, (c) => parse(schema, c.req.header(name), name));
}

/** A body of JSON. @param description of the body as a whole. */
export function takesJson<T extends object>(
  schema: v.GenericSchema<unknown, T>,
  description?: string,
): Takes<"json", T> {
  const requestBody = { required: true, ...(description && { description }), content: json(schema) };
  return described({ spec: { requestBody } }, async (c, next) => {
    const value: unknown = await c.req.json().catch((cause: unknown) => {
      throw new Refusal("invalid", "body: expected JSON", { cause });
    });
    c.req.addValidatedData("json", parse(schema, value, "body"));
    await next();
  });
}

function takes<Target extends "param" | "header", N extends string, T>(
  target: Target,
  name: N,
  schema: v.GenericSchema,
  read: (c: Context<HttpEnv>) => T,
): Takes<Target, Record<N, T>> {
  return described({ target, ...resolver(v.object({ [name]: schema })) }, async (c, next) => {
    c.req.addValidatedData(target, { [name]: read(c) });
    await next();
  });
}

function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new Refusal("invalid", `${what}${path ? `.${path}` : ""}: ${issue.message}`);
}
