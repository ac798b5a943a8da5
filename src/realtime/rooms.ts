import type { BroadcastOptions } from "socket.io-adapter";
import type { ServerEventName, ServerToClientEvents } from "./events.ts";
import type { TrimaranServer } from "./server.ts";

const prefix = "document:";

/** The Socket.IO room of a document's members. */
export function documentRoom(documentId: string): string {
  return prefix + documentId;
}

/** The document of a room, or undefined for other rooms. */
export function documentOf(room: string): string | undefined {
  return room.startsWith(prefix) ? room.slice(prefix.length) : undefined;
}

/**
 * Sends an event to every member of a room, on every replica.
 *
 * Unlike `io.to(room).emit`, it tells when that would survive this process: it resolves when the event is
 * published, or kept to be while Redis is away. An event with a key is delivered once, however often
 * and on whichever replica it is sent.
 */
export async function broadcastToRoom<E extends ServerEventName>(
  io: TrimaranServer,
  room: string,
  event: E,
  payload: Parameters<ServerToClientEvents[E]>[0],
  once?: string,
): Promise<void> {
  const options = { rooms: new Set([room]), except: new Set(), flags: once === undefined ? {} : { once } };
  // The adapters of this project return a promise here; Socket.IO's types say void.
  await io.of("/").adapter.broadcast({ type: 2, data: [event, payload] }, options as BroadcastOptions);
}
