import { decode, encode } from "@msgpack/msgpack";
import { MessageType } from "socket.io-adapter";
import { isBroadcastData, isSequence, isStreamData, isUid } from "./messages.ts";
import { positionIn } from "./stream-id.ts";

/** What a message carries, encoded when it is sent: whoever changes it afterwards changes nothing. */
export type Part = string | Uint8Array;

/** The fields of a stream entry, or of one message of an entry that has several. */
export interface EntryFields {
  uid?: string;
  nsp?: string;
  type?: string;
  /** The official adapter's: JSON, or MessagePack in base64. */
  data?: string;
  /** The number among those of its publisher; of the first message, if there are several. */
  sequence?: string | number;
  /** Set on an entry that stands for messages that were dropped. */
  gap?: string;
  /** Several messages: an array in JSON, or in MessagePack if there is binary. */
  batch?: Part;
  /** How many messages the batch has. */
  count?: string;
  /** The indexes of those that were published before, and are not to be delivered: `0,3`. */
  struck?: string;
  /** What the message carries, decoded and checked; absent where there is nothing to deliver. */
  decoded?: object;
}

export interface StreamEntry {
  id: string;
  message: EntryFields;
}

/** What the official adapter calls the data of a broadcast. */
export interface OutgoingData {
  packet: { data: unknown[] };
  opts: object;
}

/**
 * JSON, or MessagePack if there is binary in it: a third smaller than base64, and much quicker.
 * @throws for what can't be encoded, or not be read again.
 */
export function encodePart(data: OutgoingData): Part {
  if (!hasBytes(data.packet.data)) return JSON.stringify(data);
  checkReadable(data.packet.data);
  // As in JSON: a field that is undefined would be null on other replicas.
  return encode(data, { ignoreUndefined: true });
}

/** What a part carries, as other replicas read it. */
export function decodePart(part: Part): unknown {
  return typeof part === "string" ? JSON.parse(part) : decode(part);
}

/** @throws {TypeError} for a key that MessagePack writes and refuses to read: other replicas would drop all of it. */
export function checkReadable(value: unknown): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (Object.hasOwn(value, "__proto__"))
    throw new TypeError('a key "__proto__" can\'t be sent to other replicas');
  for (const part of Array.isArray(value) ? value : Object.values(value)) checkReadable(part);
}

function hasBytes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some(hasBytes);
}

/** What the official adapter would have put into `data`. */
export function toOfficialData(part: Part): string {
  return typeof part === "string" ? part : Buffer.from(part).toString("base64");
}

/** Joins parts of one kind. */
export function joinParts(parts: readonly Part[]): string | Buffer {
  if (typeof parts[0] === "string") return `[${parts.join(",")}]`;
  const header = Buffer.alloc(3);
  // MessagePack's array with a length of 16 bits.
  header[0] = 0xdc;
  header.writeUInt16BE(parts.length, 1);
  return Buffer.concat([header, ...(parts as Uint8Array[])]);
}

/**
 * The messages of an entry, each as an entry of its own with its own position and number. All that is in the
 * stream passes through here, and is checked here.
 * @param onMalformed told of a message of a batch that is none: it keeps its number, and is not delivered.
 * @throws when the entry can't be read.
 */
export function expand({ id, message }: StreamEntry, onMalformed: () => void): StreamEntry[] {
  const { batch, count, uid, nsp = "", type = "" } = message;
  const first = Number(message.sequence);
  if (!isUid(uid) || !isSequence(first)) throw new Error("no publisher, or no number");
  if (batch === undefined) return [single(id, message)];
  if (Number(type) !== MessageType.BROADCAST) throw new Error("a batch of something else");
  const parts = decodePart(batch) as unknown[];
  if (!Array.isArray(parts) || parts.length !== Number(count)) throw new Error("a batch of another length");
  const { struck: indexes } = message;
  if (indexes !== undefined && !/^\d+(,\d+)*$/.test(indexes)) throw new Error("indexes that are none");
  const struck = indexes === undefined ? undefined : new Set(indexes.split(",").map(Number));
  return parts.map((decoded, index) => {
    const sequence = first + index;
    const isStruck = struck?.has(index) ?? false;
    const isWell = !isStruck && isBroadcastData(decoded, nsp);
    if (!isWell && !isStruck) onMalformed();
    return {
      id: positionIn(id, index),
      message: isWell ? { uid, nsp, type, sequence, decoded } : { uid, sequence },
    };
  });
}

/** An entry as the official adapter writes it, or one that only fills the place of a number. */
function single(id: string, { uid = "", nsp, type, data, sequence = "", gap }: EntryFields): StreamEntry {
  if (nsp === undefined || type === undefined || data === undefined) {
    if (nsp !== undefined || type !== undefined || data !== undefined) throw new Error("fields are missing");
    return { id, message: { uid, sequence, ...(gap !== undefined && { gap }) } };
  }
  const decoded: unknown = data.startsWith("{") ? JSON.parse(data) : decode(Buffer.from(data, "base64"));
  if (!isStreamData(Number(type), decoded, nsp)) throw new Error("of no known type, or another shape");
  return { id, message: { uid, nsp, type, sequence, decoded: decoded as object } };
}

const openingBracket = 0x5b;

/** An entry as it is read with all values as bytes. */
export function fromBytes(id: Uint8Array, fields: Record<string, Uint8Array>): StreamEntry {
  const text = Object.entries(fields).map(([name, value]) => {
    const isBinary = name === "batch" && value[0] !== openingBracket;
    return [name, isBinary ? value : value.toString()] as const;
  });
  return { id: id.toString(), message: Object.fromEntries(text) };
}
