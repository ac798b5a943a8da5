import * as Y from "yjs";

/** One update that inserts `text` at the start of `name`, by a client of its own. */
export function insertion(text: string, name = "content"): Uint8Array {
  const doc = new Y.Doc();
  doc.getText(name).insert(0, text);
  return Y.encodeStateAsUpdate(doc);
}

/** The updates of one client that types `text` letter by letter. */
export function keystrokes(text: string, name = "content"): Uint8Array[] {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  for (const [index, letter] of [...text].entries()) doc.getText(name).insert(index, letter);
  return updates;
}

export function textOf(update: Uint8Array, name = "content"): string {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return doc.getText(name).toString();
}
