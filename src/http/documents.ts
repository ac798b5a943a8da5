import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../auth/access.ts";
import { documentIdSchema } from "../shared/document-id.ts";
import { isEmptyUpdate } from "../documents/updates.ts";
import { Refusal } from "../shared/errors.ts";
import type { HttpEnv } from "./env.ts";
import { requireRead } from "./identity.ts";

export interface DocumentSource {
  read: (documentId: string) => Promise<Uint8Array>;
  /** What it holds, as JSON's text. */
  toJson: (update: Uint8Array) => Promise<string>;
}

/** A document as Yjs binary, or as JSON for `Accept: application/json`. */
export function documentRoutes({ read, toJson }: DocumentSource, access: Access) {
  const app = new Hono<HttpEnv>();
  app.get("/:id", async (c) => {
    const id = v.safeParse(documentIdSchema, c.req.param("id"));
    if (!id.success) throw new Refusal("invalid", `document id: ${id.issues[0].message}`);
    await requireRead(c, access, id.output);
    const update = await read(id.output);
    if (isEmptyUpdate(update)) {
      return c.json({ error: { code: "invalid", message: `no document "${id.output}"` } }, 404);
    }
    c.header("Cache-Control", "no-store");
    c.header("Vary", "Accept");
    if (c.req.header("accept")?.includes("application/json")) {
      const types = await toJson(update);
      const body = `{"documentId":${JSON.stringify(id.output)},"types":${types}}`;
      return c.body(body, 200, { "content-type": "application/json" });
    }
    // A copy: a Buffer may be a view into a larger one.
    return c.body(new Uint8Array(update), 200, { "content-type": "application/octet-stream" });
  });
  return app;
}
