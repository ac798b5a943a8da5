import type { RoomId } from "../../platform/contract/room-id.ts";
import type { Rooms } from "../../platform/gateway/handlers.ts";
import type { DocumentsContract } from "./contract.ts";
import type { Documents, OnCost } from "./documents.ts";
import type { Stored } from "./stores.ts";
import { checkUpdate } from "./updates.ts";
import { cpuTimeMs } from "../../platform/util/cpu-time.ts";
import { SpanKind, traced } from "../../platform/observability/tracing.ts";

export interface Changes {
  room: RoomId;
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
  rooms: Rooms<DocumentsContract>,
  documents: Documents,
  { room, update, except, onCost = () => {} }: Changes,
): Promise<Stored> {
  const before = cpuTimeMs();
  try {
    checkUpdate(update);
    documents.checkSize(room, update);
  } finally {
    onCost(cpuTimeMs() - before);
  }
  // Redis gets both at once, in this order; what it does not take is stored here, and not refused.
  // A store that can refuse comes first: nobody sees a change that could still be.
  const append = () => documents.append(room, update, onCost);
  const attributes = () => ({ "trimaran.update.bytes": update.length });
  const storing = traced("store", { kind: SpanKind.CLIENT, attributes }, append);
  if (!documents.isShared()) await storing;
  const publishing = rooms.publish(
    room,
    "receive-changes",
    { update },
    { ...(except !== undefined && { except }) },
  );
  const [stored, isPublished] = await Promise.all([storing, publishing]);
  // Redis went away in between: other replicas are told from the journal.
  if (!isPublished && stored === "shared") await documents.journal(room, update);
  return stored;
}
