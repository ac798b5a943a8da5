import type { Access } from "../../auth/access.ts";
import type { Documents } from "../../documents/documents.ts";
import { checkStateVector } from "../../documents/updates.ts";
import type { Limits } from "../../limits/limits.ts";
import { Refusal } from "../../shared/errors.ts";
import { whoIs } from "../admission.ts";
import { publishChanges } from "../changes.ts";
import type { Handlers } from "../pipeline.ts";
import type { Presence } from "../presence.ts";
import { documentRoom } from "../rooms.ts";
import type { TrimaranServer, TrimaranSocket } from "../server.ts";

type DocumentHandlers = Pick<Handlers, "join-document" | "leave-document" | "send-changes" | "send-presence">;

export interface DocumentHandlerOptions {
  io: TrimaranServer;
  documents: Documents;
  presence: Presence;
  access: Access;
  limits: Limits;
}

/** Joining, leaving and changing documents. */
export function documentHandlers({
  io,
  documents,
  presence,
  access,
  limits,
}: DocumentHandlerOptions): DocumentHandlers {
  function checkCost(socket: TrimaranSocket): void {
    const retryAfterMs = limits.cost.waitMs(whoIs(socket));
    if (retryAfterMs > 0)
      throw new Refusal("rate_limited", "large documents and changes, too often", { retryAfterMs });
  }

  return {
    async "join-document"(socket, { documentId, stateVector }) {
      checkCost(socket);
      if (stateVector) checkStateVector(stateVector);
      const room = documentRoom(documentId);
      const wasMember = socket.rooms.has(room);
      if (!wasMember && !(await limits.joined.take(whoIs(socket))))
        throw new Refusal("overloaded", "too many documents are open");
      // A room entered after the disconnect would never be left again.
      if (!socket.connected) {
        if (!wasMember) limits.joined.give(whoIs(socket));
        throw new Refusal("unavailable", "the connection is gone");
      }
      // Into the room before the read: a change is then in the read, or delivered, or both.
      await socket.join(room);
      try {
        const { update, stateVector: ours } = await documents.join(documentId, stateVector, (costMs) =>
          limits.cost.charge(whoIs(socket), costMs),
        );
        if (!socket.connected) {
          // Left the room meanwhile, perhaps as the last one, before there was anything to release.
          if (!io.of("/").adapter.rooms.has(room)) documents.release(documentId);
          throw new Refusal("unavailable", "the connection is gone");
        }
        // Taken away while it was read: whoever was no member then was not told.
        if (!(await access.may(socket.data.user, documentId, "read")))
          throw new Refusal("forbidden", `you may not read document "${documentId}"`);
        const mayWrite = await access.may(socket.data.user, documentId, "write");
        presence.welcome(socket, documentId);
        return { update, stateVector: ours, access: mayWrite ? "write" : "read" };
      } catch (error) {
        if (!wasMember && socket.rooms.has(room)) {
          limits.joined.give(whoIs(socket));
          await socket.leave(room);
        }
        throw error;
      }
    },

    async "leave-document"(socket, { documentId }) {
      presence.forget(socket, documentId);
      const room = documentRoom(documentId);
      if (socket.rooms.has(room)) limits.joined.give(whoIs(socket));
      await socket.leave(room);
      return {};
    },

    async "send-changes"(socket, { documentId, update }) {
      checkCost(socket);
      const onCost = (costMs: number) => limits.cost.charge(whoIs(socket), costMs);
      const changes = { documentId, update, except: socket.id, onCost };
      const stored = await publishChanges(io, documents, changes);
      return { stored };
    },

    "send-presence"(socket, { documentId, update }) {
      presence.update(socket, documentId, update);
    },
  };
}
