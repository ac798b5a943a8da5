import * as v from "valibot";
import type { Documents } from "../documents/documents.ts";
import type { Stored } from "../documents/stores.ts";
import type { Once } from "../limits/once.ts";
import { Refusal } from "../shared/errors.ts";
import { publishChanges } from "./changes.ts";
import { type BackendEventName, type Mode, serverEvents } from "./events.ts";
import { documentOf, broadcastToRoom, documentRoom, userRoom } from "./rooms.ts";
import type { TrimaranServer } from "./server.ts";

export interface BackendOptions {
  io: TrimaranServer;
  documents: Documents;
  once: Once;
  mode: () => Mode;
}

/** One connection of a user. */
export interface UserConnection {
  connectionId: string;
  namespace: string;
  name: string;
  address: string;
  documents: string[];
}

export type Backend = ReturnType<typeof createBackend>;

/** What backends of the deployment can do with connections and documents, on whichever replica they ask. */
export function createBackend({ io, documents, once, mode }: BackendOptions) {
  return {
    /** @throws {Refusal} as `publishChanges` does. */
    async publishChanges(documentId: string, update: Uint8Array): Promise<Stored> {
      // Open meanwhile: its size is known then, and its log is merged like that of a document with members.
      await documents.open(documentId);
      try {
        return await publishChanges(io, documents, { documentId, update });
      } finally {
        if (!io.of("/").adapter.rooms.has(documentRoom(documentId))) documents.release(documentId);
      }
    },

    /**
     * Sends an event to a document's members, once for each `key`.
     * @throws {Refusal} `invalid` when the payload does not fit the event.
     */
    async publishEvent(
      documentId: string,
      event: BackendEventName,
      payload: object,
      key: string,
    ): Promise<void> {
      const parsed = v.safeParse(serverEvents[event], { sentAt: Date.now(), ...payload, documentId });
      if (!parsed.success) {
        const [issue] = parsed.issues;
        throw new Refusal("invalid", `payload.${v.getDotPath(issue) ?? ""}: ${issue.message}`);
      }
      // A client chooses the id of its message. The key of that begins with a document's id, which has no slash.
      const onceKey = `backend/${documentId}:${key}`;
      await once.do(onceKey, async () => {
        await broadcastToRoom(io, documentRoom(documentId), { event, payload: parsed.output, once: onceKey });
      });
    },

    /** A user's connections on all replicas; on this one alone, and `partial`, while Redis is away. */
    async connections(userId: string): Promise<{ connections: UserConnection[]; partial: boolean }> {
      const partial = mode() === "degraded";
      const found = [...io._nsps.values()].map(async (namespace): Promise<UserConnection[]> => {
        const sockets = await (partial ? namespace.local : namespace).in(userRoom(userId)).fetchSockets();
        return sockets.map(({ id, data, rooms }) => ({
          connectionId: id,
          namespace: namespace.name,
          name: data.name,
          address: data.address,
          documents: [...rooms].flatMap((room) => documentOf(room) ?? []),
        }));
      });
      const connections = await Promise.all(found).catch((cause: unknown) => {
        throw new Refusal("unavailable", "not all replicas answered; try again later", { cause });
      });
      return { connections: connections.flat(), partial };
    },

    /** Ends a user's connections on all replicas. The clients come back, if their tokens still count. */
    disconnect(userId: string): void {
      for (const namespace of io._nsps.values()) namespace.in(userRoom(userId)).disconnectSockets(true);
    },
  };
}
