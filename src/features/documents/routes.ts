import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../../platform/auth/access.ts";
import type { Answers } from "../../platform/http/answers.ts";
import { binary, describeRoute, json, ok, refusals, refused } from "../../platform/http/describe.ts";
import type { HttpEnv } from "../../platform/http/env.ts";
import { requireRead, requireService } from "../../platform/http/identity.ts";
import { takesRoom } from "../../platform/http/parse.ts";
import type { Rooms } from "../../platform/gateway/handlers.ts";
import { Refusal } from "../../platform/util/errors.ts";
import { createTurns } from "../../platform/util/turns.ts";
import { publishChanges } from "./changes.ts";
import type { DocumentsContract } from "./contract.ts";
import type { Documents } from "./documents.ts";
import { coalesceReads } from "./coalesce-reads.ts";
import { isEmptyUpdate } from "./updates.ts";

export interface DocumentRoutesOptions {
  documents: Documents;
  rooms: Rooms<DocumentsContract>;
  /** What a document holds, as JSON's text. */
  toJson: (update: Uint8Array) => Promise<string>;
  access: Access;
  answers: Answers;
  maxUpdateBytes: number;
}

/** Documents read from a store at once: what is read counts for nobody until its size is known. */
const maxReads = 4;

const stored = v.object({ ok: v.literal(true), stored: v.picklist(["shared", "local"]) });

/** Reading a document, as Yjs binary or as JSON for `Accept: application/json`; and changing it, for backends. */
export function documentRoutes(options: DocumentRoutesOptions) {
  const { documents, rooms, toJson, access, answers, maxUpdateBytes } = options;
  const app = new Hono<HttpEnv>();
  const readShared = shareVersions(documents.read);

  const read = describeRoute({
    summary: "A document, for clients that may read it. Answers that are not read are bounded: 429, 503",
    responses: {
      ...ok("A Yjs update (version 1), or JSON for `Accept: application/json`", {
        ...binary,
        "application/json": {},
      }),
      404: refused,
      ...refusals,
    },
  });
  app.get("/documents/:id", read, takesRoom, requireRead(access), async (c) => {
    const room = c.req.valid("param").id;
    const update = await readShared(room);
    if (isEmptyUpdate(update)) {
      return c.json({ error: { code: "invalid", message: `no document "${room}"` } }, 404);
    }
    c.header("Cache-Control", "no-store");
    c.header("Vary", "Accept");
    if (!c.req.header("accept")?.includes("application/json"))
      return answers.send(c, update, { "content-type": "application/octet-stream" });
    // Others may come first.
    const release = answers.hold(c, update);
    const types = await toJson(update).finally(release);
    const body = new TextEncoder().encode(`{"documentId":${JSON.stringify(room)},"types":${types}}`);
    return answers.send(c, body, { "content-type": "application/json" });
  });

  const change = describeRoute({
    summary: "Changes a document. Sending the same update again does no harm",
    requestBody: { required: true, description: "A Yjs update (version 1)", content: binary },
    responses: {
      ...ok("Stored: on all replicas, or here until Redis is back", json(stored)),
      ...refusals,
    },
  });
  app.post("/documents/:id/changes", change, requireService, takesRoom, async (c) => {
    const room = c.req.valid("param").id;
    const update = new Uint8Array(await c.req.arrayBuffer());
    if (update.length > maxUpdateBytes)
      throw new Refusal("too_large", `body: ${update.length} bytes, at most ${maxUpdateBytes} are taken`);
    // Open meanwhile: its size is known then, and its log is merged like that of a document with members.
    await documents.open(room);
    try {
      return c.json({ ok: true, stored: await publishChanges(rooms, documents, { room, update }) });
    } finally {
      if (!rooms.hasMembersHere(room)) documents.release(room);
    }
  });
  return app;
}

/**
 * Reads documents, one version of one as the same bytes for all who have it at the same time: those who ask together
 * share a read, and those who ask while others still send that version share theirs.
 */
function shareVersions(read: Documents["read"]) {
  const versions = new Map<string, WeakRef<Uint8Array<ArrayBuffer>>>();
  const forget = new FinalizationRegistry<string>((documentId) => {
    if (versions.get(documentId)?.deref() === undefined) versions.delete(documentId);
  });
  const inTurn = createTurns(maxReads);

  return coalesceReads((documentId) =>
    inTurn(async () => {
      const update = await read(documentId);
      const known = versions.get(documentId)?.deref();
      if (known?.length === update.length && Buffer.compare(known, update) === 0) return known;
      // A copy: a Buffer may be a view into a larger one, and some memory can't be sent.
      const version = new Uint8Array(update);
      versions.set(documentId, new WeakRef(version));
      forget.register(version, documentId);
      return version;
    }),
  );
}
