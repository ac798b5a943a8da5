import type { Documents } from "../../documents/documents.ts";
import { checkStateVector, checkUpdate } from "../../documents/updates.ts";
import { createCostLimiter } from "../../limits/cost.ts";
import { Refusal } from "../../shared/errors.ts";
import type { Handlers } from "../pipeline.ts";
import type { Presence } from "../presence.ts";
import { broadcastToRoom, documentRoom } from "../rooms.ts";
import type { TrimaranServer, TrimaranSocket } from "../server.ts";

type DocumentHandlers = Pick<Handlers, "join-document" | "leave-document" | "send-changes" | "send-presence">;

/**
 * Merging takes time by a document's parts, and everyone waits for it: a document as large as can be takes
 * a second. One address may have a twentieth of the time of this process for such.
 */
const costs = { share: 0.05, burstMs: 25 };

/** Joining, leaving and changing documents. */
export function documentHandlers(
  io: TrimaranServer,
  documents: Documents,
  presence: Presence,
): DocumentHandlers {
  const limiter = createCostLimiter(costs);

  function checkCost({ data }: TrimaranSocket): void {
    const retryAfterMs = limiter.waitMs(data.address);
    if (retryAfterMs > 0)
      throw new Refusal("rate_limited", "large documents and changes, too often", { retryAfterMs });
  }

  return {
    async "join-document"(socket, { documentId, stateVector }) {
      checkCost(socket);
      if (stateVector) checkStateVector(stateVector);
      // A room entered after the disconnect would never be left again.
      if (!socket.connected) throw new Refusal("unavailable", "the connection is gone");
      const room = documentRoom(documentId);
      const wasMember = socket.rooms.has(room);
      // Into the room before the read: a change is then in the read, or delivered, or both.
      await socket.join(room);
      try {
        const { update, stateVector: ours } = await documents.join(documentId, stateVector, (costMs) =>
          limiter.charge(socket.data.address, costMs),
        );
        if (!socket.connected) {
          // Left the room meanwhile, perhaps as the last one, before there was anything to release.
          if (!io.of("/").adapter.rooms.has(room)) documents.release(documentId);
          throw new Refusal("unavailable", "the connection is gone");
        }
        presence.welcome(socket, documentId);
        return { update, stateVector: ours };
      } catch (error) {
        if (!wasMember) await socket.leave(room);
        throw error;
      }
    },

    async "leave-document"(socket, { documentId }) {
      presence.forget(socket, documentId);
      await socket.leave(documentRoom(documentId));
      return {};
    },

    async "send-changes"(socket, { documentId, update }) {
      checkCost(socket);
      const charge = (costMs: number) => limiter.charge(socket.data.address, costMs);
      const startedAt = performance.now();
      try {
        checkUpdate(update);
        documents.checkSize(documentId, update);
      } finally {
        charge(performance.now() - startedAt);
      }
      // Stored and published before it is acknowledged: what is not, the client sends again when this replica
      // dies. Redis gets both at once, in this order; what it does not take is stored here, and not refused.
      // A store that can refuse comes first: nobody sees a change that could still be.
      const storing = documents.append(documentId, update, charge);
      if (!documents.isShared()) await storing;
      const publishing = broadcastToRoom(io, documentRoom(documentId), {
        event: "receive-changes",
        payload: { documentId, update },
        except: socket.id,
      });
      const [stored, isPublished] = await Promise.all([storing, publishing]);
      // Redis went away in between: other replicas are told from the journal.
      if (!isPublished && stored === "shared") await documents.journal(documentId, update);
      return { stored };
    },

    "send-presence"(socket, { documentId, update }) {
      presence.update(socket, documentId, update);
    },
  };
}
