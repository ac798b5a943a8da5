import { MessageType } from "socket.io-adapter";
import { maxRooms } from "../delivery/mistakes.ts";
import type { Packet } from "../util/fan-out.ts";

/*
 * The shapes of what replicas send each other, checked by hand: a replica reads 150,000 messages a second from
 * the stream. A broadcast takes 0.06 us (Node), where parsing it takes 1 us and more.
 */

/** `once`: the key of what may be delivered once. `number`: the publisher's own for this broadcast. */
export interface BroadcastFlags {
  /** Of the span that published it, where tracing is on. */
  traceparent?: string;
  once?: string;
  number?: number;
  [flag: string]: unknown;
}

/** What the official adapter calls the data of a broadcast. */
export interface BroadcastData {
  packet: Packet;
  requestId?: string;
  opts: { rooms: string[]; except: string[]; flags?: BroadcastFlags };
}

type Fields = Record<string, unknown>;

const eventPacket = 2;
const uidLength = 16;
/** Of Socket.IO itself: nobody else may have them happen. */
const reservedEvents: ReadonlySet<unknown> = new Set(["connect", "connection", "new_namespace"]);

/** The official adapter's id of a replica: eight random bytes. */
export function isUid(value: unknown): value is string {
  return typeof value === "string" && value.length === uidLength && /^[0-9a-f]+$/.test(value);
}

/** A number among those of a publisher. */
export function isSequence(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown, maxLength = maxRooms): value is string[] {
  if (!Array.isArray(value) || value.length > maxLength) return false;
  // A plain loop: this is done for every message there is.
  for (const item of value) if (typeof item !== "string") return false;
  return true;
}

function isOptions(value: unknown): boolean {
  if (!isObject(value) || !isTexts(value["rooms"]) || !isTexts(value["except"])) return false;
  const { flags } = value;
  if (flags === undefined || flags === null) return true;
  if (!isObject(flags)) return false;
  const { number, once, traceparent } = flags;
  return (
    (traceparent === undefined || typeof traceparent === "string") &&
    (number === undefined || (typeof number === "number" && isSequence(number))) &&
    (once === undefined || typeof once === "string")
  );
}

function isPacket(value: unknown, nsp: string): boolean {
  return (
    isObject(value) &&
    value["type"] === eventPacket &&
    (value["nsp"] === undefined || value["nsp"] === nsp) &&
    (value["id"] === undefined || typeof value["id"] === "number") &&
    Array.isArray(value["data"]) &&
    typeof value["data"][0] === "string"
  );
}

/** Whether this is a broadcast as a replica of this version would publish it to the stream. */
export function isBroadcastData(value: unknown, nsp: string): value is BroadcastData {
  return (
    isObject(value) &&
    value["requestId"] === undefined &&
    isPacket(value["packet"], nsp) &&
    isOptions(value["opts"])
  );
}

/** Whether this is the data of a message that the official adapter publishes to the stream. */
export function isStreamData(type: number, data: unknown, nsp: string): boolean {
  switch (type) {
    case MessageType.BROADCAST:
      return isBroadcastData(data, nsp);
    case MessageType.SOCKETS_JOIN:
    case MessageType.SOCKETS_LEAVE:
      return isObject(data) && isOptions(data["opts"]) && isTexts(data["rooms"]);
    case MessageType.DISCONNECT_SOCKETS:
      return isObject(data) && isOptions(data["opts"]) && typeof data["close"] === "boolean";
    default:
      return false;
  }
}

/** Whether this is a socket as another replica describes it, of whatever number of rooms. */
function isSocket(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    isTexts(value["rooms"], Infinity) &&
    isObject(value["handshake"]) &&
    isObject(value["data"])
  );
}

/** Whether this is a message that the official adapter sends by pub/sub. */
export function isPubSubMessage(message: unknown, nsp: string): boolean {
  if (!isObject(message) || !isUid(message["uid"]) || message["nsp"] !== nsp) return false;
  const { type, data } = message;
  if (!isObject(data)) return false;
  const { requestId, packet } = data;
  if (type === MessageType.SERVER_SIDE_EMIT)
    return (
      (requestId === undefined || typeof requestId === "string") &&
      Array.isArray(packet) &&
      typeof packet[0] === "string" &&
      !reservedEvents.has(packet[0])
    );
  if (typeof requestId !== "string") return false;
  switch (type) {
    case MessageType.BROADCAST:
      return isPacket(packet, nsp) && isOptions(data["opts"]);
    case MessageType.FETCH_SOCKETS:
      return isOptions(data["opts"]);
    case MessageType.FETCH_SOCKETS_RESPONSE:
      return Array.isArray(data["sockets"]) && data["sockets"].every(isSocket);
    case MessageType.BROADCAST_CLIENT_COUNT:
      return Number.isSafeInteger(data["clientCount"]) && Number(data["clientCount"]) >= 0;
    case MessageType.BROADCAST_ACK:
    case MessageType.SERVER_SIDE_EMIT_RESPONSE:
      return true;
    default:
      return false;
  }
}
