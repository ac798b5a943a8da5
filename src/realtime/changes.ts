import type { Documents, OnCost } from "../documents/documents.ts";
import type { Stored } from "../documents/stores.ts";
import { checkUpdate } from "../documents/updates.ts";
import { broadcastToRoom, documentRoom } from "./rooms.ts";
import { cpuTimeMs } from "../shared/cpu-time.ts";
import { SpanKind, traced } from "../shared/tracing.ts";
import type { TrimaranServer } from "./server.ts";

export interface Changes {
  documentId: string;
  update: Uint8Array;
  /** The id of the socket that has them already. */
  except?: string;
  /** Told how long this process did nothing else. */
  onCost?: OnCost;
}

/**
 * Stores changes and sends them to all members. Resolves when they are stored and other replicas will hear of
 * them: what is not acknowledged, the client sends again when this replica dies.
 *
 * @throws {Refusal} `invalid` or `too_large`, and nothing was done; `unavailable` when it could not be stored.
 */
export async function publishChanges(
  io: TrimaranServer,
  documents: Documents,
  { documentId, update, except, onCost = () => {} }: Changes,
): Promise<Stored> {
  const before = cpuTimeMs();
  try {
    checkUpdate(update);
    documents.checkSize(documentId, update);
  } finally {
    onCost(cpuTimeMs() - before);
  }
  // Redis gets both at once, in this order; what it does not take is stored here, and not refused.
  // A store that can refuse comes first: nobody sees a change that could still be.
  const append = () => documents.append(documentId, update, onCost);
  const attributes = () => ({ "trimaran.update.bytes": update.length });
  const storing = traced("store", { kind: SpanKind.CLIENT, attributes }, append);
  if (!documents.isShared()) await storing;
  const publishing = broadcastToRoom(io, documentRoom(documentId), {
    event: "receive-changes",
    payload: { documentId, update },
    ...(except !== undefined && { except }),
  });
  const [stored, isPublished] = await Promise.all([storing, publishing]);
  // Redis went away in between: other replicas are told from the journal.
  if (!isPublished && stored === "shared") await documents.journal(documentId, update);
  return stored;
}
