import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { Refusal } from "../util/errors.ts";

/** One person's state in a document, as y-protocols' awareness has it. */
export interface PresenceEntry {
  /** The Yjs client id. */
  clientId: number;
  /** Grows with every change: the higher clock wins. */
  clock: number;
  /** JSON text; `null` when the person is gone. */
  state: string;
}

const maxEntries = 64;
/** A name, a colour and a cursor take a few hundred. What is here is kept in memory and sent to every member. */
const maxStateLength = 16_384;

/**
 * Reads an awareness update (y-protocols, awareness.js: count, then client id, clock and JSON each).
 * @throws {Refusal} `invalid` when it is none, `too_large` when it speaks of too many clients,
 *   or of one at too great length.
 */
export function decodePresence(update: Uint8Array): PresenceEntry[] {
  try {
    const decoder = decoding.createDecoder(update);
    const count = decoding.readVarUint(decoder);
    if (count > maxEntries)
      throw new Refusal("too_large", `update: ${count} clients, at most ${maxEntries} are taken`);
    return Array.from({ length: count }, () => {
      const clientId = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const state = decoding.readVarString(decoder);
      if (state.length > maxStateLength)
        throw new Refusal(
          "too_large",
          `update: a state of ${state.length} characters, at most ${maxStateLength} are taken`,
        );
      JSON.parse(state);
      return { clientId, clock, state };
    });
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal("invalid", "update: these bytes are not an awareness update", { cause });
  }
}

export function encodePresence(entries: readonly PresenceEntry[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, entries.length);
  for (const { clientId, clock, state } of entries) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}
