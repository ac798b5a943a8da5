import { Hono } from "hono";
import * as v from "valibot";
import type { Access } from "../auth/access.ts";
import { createTurns } from "../shared/turns.ts";
import { documentIdSchema } from "../shared/document-id.ts";
import { sharedRead } from "../documents/shared-read.ts";
import { isEmptyUpdate } from "../documents/updates.ts";
import { Refusal } from "../shared/errors.ts";
import type { Answers } from "./answers.ts";
import type { HttpEnv } from "./env.ts";
import { requireRead } from "./identity.ts";

export interface DocumentSource {
  read: (documentId: string) => Promise<Uint8Array>;
  /** What it holds, as JSON's text. */
  toJson: (update: Uint8Array) => Promise<string>;
}

/** Documents read from a store at once: what is read counts for nobody until its size is known. */
const maxReads = 4;

/** A document as Yjs binary, or as JSON for `Accept: application/json`. */
export function documentRoutes({ read, toJson }: DocumentSource, access: Access, answers: Answers) {
  const app = new Hono<HttpEnv>();
  const readShared = shareVersions(read);
  app.get("/:id", async (c) => {
    const id = v.safeParse(documentIdSchema, c.req.param("id"));
    if (!id.success) throw new Refusal("invalid", `document id: ${id.issues[0].message}`);
    await requireRead(c, access, id.output);
    const update = await readShared(id.output);
    if (isEmptyUpdate(update)) {
      return c.json({ error: { code: "invalid", message: `no document "${id.output}"` } }, 404);
    }
    c.header("Cache-Control", "no-store");
    c.header("Vary", "Accept");
    if (!c.req.header("accept")?.includes("application/json"))
      return answers.send(c, update, { "content-type": "application/octet-stream" });
    // Others may come first.
    const release = answers.hold(c, update);
    const types = await toJson(update).finally(release);
    const body = new TextEncoder().encode(`{"documentId":${JSON.stringify(id.output)},"types":${types}}`);
    return answers.send(c, body, { "content-type": "application/json" });
  });
  return app;
}

/**
 * Reads documents, one version of one as the same bytes for all who have it at the same time: those who ask together
 * share a read, and those who ask while others still send that version share theirs.
 */
function shareVersions(read: DocumentSource["read"]) {
  const versions = new Map<string, WeakRef<Uint8Array<ArrayBuffer>>>();
  const forget = new FinalizationRegistry<string>((documentId) => {
    if (versions.get(documentId)?.deref() === undefined) versions.delete(documentId);
  });
  const inTurn = createTurns(maxReads);

  return sharedRead((documentId) =>
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
