import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../../../src/platform/auth/access.ts";
import type { Answers } from "../../../src/platform/http/answers.ts";
import { binary, describeRoute, ok, refusals } from "../../../src/platform/http/describe.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import { requireRead } from "../../../src/platform/http/identity.ts";
import { takesParam, takesRoom } from "../../../src/platform/http/parse.ts";

const size = v.pipe(v.string(), v.regex(/^\d{1,8}$/), v.transform(Number));

/** Large answers over HTTP, for clients that may read a room: all who ask for one size have the same body. */
export function talkRoutes(access: Access, answers: Answers) {
  const bodies = new Map<number, Uint8Array<ArrayBuffer>>();
  const bodyOf = (length: number) => {
    const body = bodies.get(length) ?? new Uint8Array(length).map((_, index) => index);
    bodies.set(length, body);
    return body;
  };
  const about = describeRoute({
    summary: "So many bytes",
    responses: { ...ok("The bytes", binary), ...refusals },
  });
  return new Hono<HttpEnv>().get(
    "/talk/:id/:size",
    about,
    takesRoom,
    requireRead(access),
    takesParam("size", size),
    (c) => answers.send(c, bodyOf(c.req.valid("param").size), { "content-type": "application/octet-stream" }),
  );
}
