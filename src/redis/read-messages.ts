import { type EntryFields, type StreamEntry, decodeData, expand, fromBytes } from "./batch.ts";
import { isSoundMessage } from "./sound-message.ts";

/** An entry as it is read, all values as bytes. */
export interface RawEntry {
  id: Buffer;
  message: Record<string, Buffer>;
}

/**
 * The messages of an entry, decoded: the one place where what the stream holds is looked at before it is believed.
 * @throws when it is malformed, whoever wrote it.
 */
export function readMessages({ id, message }: RawEntry): StreamEntry[] {
  const entries = expand(fromBytes(id, message));
  for (const { message: fields } of entries) {
    if (fields.data !== undefined) fields.decoded = decodeData(fields.data) as object;
    if (!isSound(fields)) throw new Error("not what a replica writes");
  }
  return entries;
}

function isSound({ uid, nsp, type, sequence, decoded }: EntryFields): boolean {
  // Whoever publishes numbers what it publishes.
  if (!uid || !/^\d{1,15}$/.test(String(sequence))) return false;
  // In the place of what was not published, or got lost.
  if (type === undefined) return true;
  return isSoundMessage({ uid, nsp, type: Number(type), data: decoded });
}
