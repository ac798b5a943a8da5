import * as Y from "yjs";
import { Refusal } from "../shared/errors.ts";

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

/** One update with the effect of all; order does not matter, repeats do no harm. */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  const [first = emptyUpdate, ...rest] = updates.filter((update) => !isEmptyUpdate(update));
  return rest.length === 0 ? first : Y.mergeUpdates([first, ...rest]);
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

/** @throws {Refusal} `invalid` when the bytes are not a well-formed Yjs update (version 1). */
export function checkUpdate(update: Uint8Array): void {
  check("update", () => Y.decodeUpdate(update));
}

/** @throws {Refusal} `invalid` when the bytes are not a well-formed state vector. */
export function checkStateVector(stateVector: Uint8Array): void {
  check("stateVector", () => Y.decodeStateVector(stateVector));
}

function check(field: string, decode: () => unknown): void {
  try {
    decode();
  } catch (cause) {
    throw new Refusal("invalid", `${field}: these bytes are not Yjs data`, { cause });
  }
}
