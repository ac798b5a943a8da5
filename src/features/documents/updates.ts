import * as Y from "yjs";
import * as decoding from "lib0/decoding";
import { Refusal } from "../../platform/util/errors.ts";
import { scanUpdate } from "./validate-update.ts";

/*
 * Yjs updates as bytes. Everything here works on encoded updates: merging and diffing them costs a
 * fraction of the time and memory of building a `Y.Doc`.
 */

/** The update that changes nothing: no structs, no deletions. */
export const emptyUpdate: Uint8Array = Uint8Array.of(0, 0);

/** The state vector of an empty document. */
export const emptyStateVector: Uint8Array = Uint8Array.of(0);

export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function isEmptyUpdate(update: Uint8Array): boolean {
  return update.length === 2 && update[0] === 0 && update[1] === 0;
}

/**
 * Structs and deletions of one update, and of a whole document. Time goes by their number: two bytes are
 * enough for one, and bounds in bytes alone would let a few megabytes stop the process for seconds.
 */
const maxUpdateStructs = 50_000;
export const maxDocumentStructs = 1_000_000;
/** Clients in a state vector: everyone who ever changed the document. */
const maxClients = 65_536;

/** Yjs sorts all that it merges for every change of hands: 256 at once take four times what groups take. */
const mergedAtOnce = 16;

/** One update with the effect of all; order does not matter, repeats do no harm. */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const filled = updates.filter((update) => !isEmptyUpdate(update));
  const [first = emptyUpdate] = filled;
  if (filled.length <= 1) return first;
  if (filled.length <= mergedAtOnce) return Y.mergeUpdates(filled);
  const groups: Uint8Array[] = [];
  for (let from = 0; from < filled.length; from += mergedAtOnce)
    groups.push(mergeUpdates(filled.slice(from, from + mergedAtOnce)));
  return mergeUpdates(groups);
}

/** Structs and deletions of an update that is known to be one. */
export function structsOf(update: Uint8Array): number {
  try {
    return scanUpdate(update);
  } catch {
    // Stored by a version that took more.
    return 0;
  }
}

/** What someone who has `stateVector` lacks of `update`. Deletions are always included. */
export function diffUpdate(update: Uint8Array, stateVector: Uint8Array): Uint8Array {
  return isEmptyUpdate(update) ? update : Y.diffUpdate(update, stateVector);
}

export function stateVectorOf(update: Uint8Array): Uint8Array {
  return isEmptyUpdate(update) ? emptyStateVector : Y.encodeStateVectorFromUpdate(update);
}

/** Whether `update` holds nothing that `state` lacks: merging it in would change no byte. */
export function covers(state: Uint8Array, update: Uint8Array): boolean {
  if (isEmptyUpdate(update)) return true;
  const known = mergeUpdates([state, state]);
  const merged = Y.mergeUpdates([state, update]);
  return Buffer.compare(known, merged) === 0;
}

/**
 * @throws {Refusal} `invalid` when the bytes are not a well-formed Yjs update (version 1), `too_large` when
 * it has too many parts.
 */
export function checkUpdate(update: Uint8Array): void {
  const structs = check("update", () => {
    const count = scanUpdate(update, maxUpdateStructs);
    // Written again, as every merge does: what can be read and not written would end the document.
    if (count <= maxUpdateStructs) Y.diffUpdate(update, emptyStateVector);
    return count;
  });
  if (structs > maxUpdateStructs)
    throw new Refusal("too_large", `update: more than ${maxUpdateStructs} structs`);
}

/** @throws {Refusal} `invalid` when the bytes are not a well-formed state vector, `too_large` when it is long. */
export function checkStateVector(stateVector: Uint8Array): void {
  const clients = check("stateVector", () => {
    const count = decoding.readVarUint(decoding.createDecoder(stateVector));
    if (count * 2 > stateVector.length) throw new Error("it ends too early");
    if (count <= maxClients) Y.decodeStateVector(stateVector);
    return count;
  });
  if (clients > maxClients)
    throw new Refusal("too_large", `stateVector: ${clients} clients, at most ${maxClients} are taken`);
}

function check<T>(field: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    throw new Refusal("invalid", `${field}: these bytes are not Yjs data`, { cause });
  }
}

/** Whether bytes are an update that clients can apply. */
export function isUpdate(update: Uint8Array): boolean {
  try {
    checkUpdate(update);
    return true;
  } catch {
    return false;
  }
}
