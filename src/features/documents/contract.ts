import * as v from "valibot";
import { defineContract } from "../../platform/contract/define.ts";
import { bytes } from "../../platform/contract/values.ts";
import { isUpdate } from "./updates.ts";

/** Yjs documents: a room's members change one together. */
export const documents = defineContract("documents", {
  join: {
    summary: "`stateVector` says what the client has; the reply brings the rest.",
    payload: { stateVector: v.optional(bytes) },
    reply: { update: bytes, stateVector: bytes },
  },
  events: {
    "send-changes": {
      summary:
        "Changes a document. Acknowledged when the change is stored and other replicas will hear of it.",
      payload: { update: bytes },
      reply: { stored: v.picklist(["shared", "local"]) },
      room: "joined",
      needs: "write",
    },
  },
  pushes: {
    "receive-changes": {
      summary: "Another member changed the document.",
      payload: { update: bytes },
      room: true,
      // Documents are made equal on every connect.
      recover: false,
      // Bytes that are no update would break the document for all who open it here.
      check: ({ update }: { update: Uint8Array }) => isUpdate(update),
    },
  },
});
export type DocumentsContract = typeof documents;
