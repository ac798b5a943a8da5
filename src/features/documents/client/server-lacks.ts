import * as Y from "yjs";

/**
 * Whether the server lacks something that `doc` has, after its answer was applied to `doc`.
 *
 * @param update what the server sent: it holds all deletions the server knows of.
 * @param stateVector what insertions the server has.
 */
export function serverLacks(doc: Y.Doc, update: Uint8Array, stateVector: Uint8Array): boolean {
  const server = Y.decodeStateVector(stateVector);
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc))) {
    if (clock > (server.get(client) ?? 0)) return true;
  }
  const here = Y.createDeleteSetFromStructStore(doc.store);
  const there = Y.decodeUpdate(update).ds;
  return !Y.equalDeleteSets(here, Y.mergeDeleteSets([there]));
}
