import * as Y from "yjs";

/** What a server's own client library does for someone in a document. */
export interface Connection {
  /** Resolves when the server has acknowledged all edits. */
  whenSaved: () => Promise<void>;
  leave: () => void;
}

/** Binds a document to one on a server. Resolves when they are in sync. */
export type Join = (port: number, documentId: string, doc: Y.Doc) => Promise<Connection>;

/** Types a few letters somewhere. @returns the writer's clock after that. */
export function typeSomewhere(doc: Y.Doc, index: (count: number) => number): number {
  const text = doc.getText("content");
  const letters = "abcdefghijklmnopqrstuvwxyz ".slice(index(24)).slice(0, 1 + index(3));
  text.insert(index(text.length + 1), letters);
  return Y.getState(doc.store, doc.clientID);
}

/** Tells of what others did, when it is in the document; not of what waits for something before it. */
export function onSight(doc: Y.Doc, seen: (clientId: number, endClock: number) => void): void {
  doc.on("afterTransaction", ({ local, beforeState, afterState }: Y.Transaction) => {
    if (local) return;
    for (const [clientId, endClock] of afterState)
      if (endClock > (beforeState.get(clientId) ?? 0)) seen(clientId, endClock);
  });
}
