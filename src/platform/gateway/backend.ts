import * as v from "valibot";
import type { ComposedPush } from "../contract/compose.ts";
import { roomField } from "../contract/compose.ts";
import type { RoomId } from "../contract/room-id.ts";
import { Refusal } from "../util/errors.ts";
import type { Mode } from "./contract.ts";
import { type AllRooms, roomOf, userRoom } from "./rooms.ts";
import type { PlatformServer } from "./socket.ts";

export interface BackendOptions {
  io: PlatformServer;
  rooms: AllRooms;
  pushes: ReadonlyMap<string, ComposedPush>;
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

/** What backends of the deployment can do with connections and rooms, on whichever replica they ask. */
export function createBackend({ io, rooms, pushes, mode }: BackendOptions) {
  return {
    /** Names of the pushes that backends may send. */
    pushes: [...pushes.values()].flatMap(({ name, definition }) => (definition.backends ? [name] : [])),

    /**
     * Sends a push to a room's members, once for each `key`.
     * @throws {Refusal} `invalid` when the payload does not fit the push.
     */
    async publishEvent(room: RoomId, event: string, payload: object, key: string): Promise<void> {
      const push = pushes.get(event);
      if (!push?.definition.backends) throw new Refusal("invalid", `backends may not send "${event}"`);
      const parsed = v.safeParse(push.schema, { ...payload, [roomField]: room });
      if (!parsed.success) {
        const [issue] = parsed.issues;
        throw new Refusal("invalid", `payload.${v.getDotPath(issue) ?? ""}: ${issue.message}`);
      }
      // A client chooses the id of its message. The key of that begins with a room's id, which has no slash.
      await rooms.publish(room, event, parsed.output as object, { once: `backend/${room}:${key}` });
    },

    /** A user's connections on all replicas; on this one alone, and `partial`, while Redis is down. */
    async connections(userId: string): Promise<{ connections: UserConnection[]; partial: boolean }> {
      const partial = mode() === "degraded";
      const found = [...io._nsps.values()].map(async (namespace): Promise<UserConnection[]> => {
        const sockets = await (partial ? namespace.local : namespace).in(userRoom(userId)).fetchSockets();
        return sockets.map(({ id, data, rooms: joined }) => ({
          connectionId: id,
          namespace: namespace.name,
          name: data.name,
          address: data.address,
          documents: [...joined].flatMap((each) => roomOf(each) ?? []),
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
