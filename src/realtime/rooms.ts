import type { BroadcastOptions } from "socket.io-adapter";
import type { ServerEventName, ServerToClientEvents } from "./events.ts";
import { SpanKind, traced } from "../shared/tracing.ts";
import type { TrimaranServer } from "./server.ts";

const prefix = "document:";

/** The Socket.IO room of a document's members. */
export function documentRoom(documentId: string): string {
  return prefix + documentId;
}

/** The room of a user's connections. */
export function userRoom(userId: string): string {
  return `user:${userId}`;
}

/** The document of a room, or undefined for other rooms. Rooms are the app's, too: of any name, and of any type. */
export function documentOf(room: unknown): string | undefined {
  return typeof room === "string" && room.startsWith(prefix) ? room.slice(prefix.length) : undefined;
}

export interface BroadcastToRoom<E extends ServerEventName> {
  event: E;
  payload: Parameters<ServerToClientEvents[E]>[0];
  /** The id of a socket that is left out. */
  except?: string;
  /** A key: an event with one is delivered once, however often and on whichever replica it is sent. */
  once?: string;
}

/**
 * Sends an event to the members of a room, on every replica.
 *
 * Unlike `io.to(room).emit`, it tells when that would survive this process: it resolves when the event is
 * published, or kept to be while Redis is away.
 *
 * @returns false when only members here got it, and nobody else will: a self-healing event (see app.ts)
 * while Redis is away.
 */
export async function broadcastToRoom<E extends ServerEventName>(
  io: TrimaranServer,
  room: string,
  { event, payload, except, once }: BroadcastToRoom<E>,
): Promise<boolean> {
  const options = {
    rooms: new Set([room]),
    except: new Set(except === undefined ? [] : [except]),
    flags: once === undefined ? {} : { once },
  };
  // The adapters of this project return a promise here; Socket.IO's types say void.
  const send = (): unknown =>
    io.of("/").adapter.broadcast({ type: 2, data: [event, payload] }, options as BroadcastOptions);
  const attributes = () => ({ "messaging.destination.name": room });
  return (await traced(`publish ${event}`, { kind: SpanKind.PRODUCER, attributes }, send)) as boolean;
}
