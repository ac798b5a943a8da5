import * as Y from "yjs";

/** An update does not say of which type a name in a document is: the fixture does. */
export type Kind = "text" | "map" | "array" | "xml";
export type Kinds = Record<string, Kind>;

/** What must be in a document, as it stands in `expected.json`. */
export interface ExpectedDocument {
  kinds: Kinds;
  content: Record<string, unknown>;
  /** In base64. The snapshot has the state vector, and what was deleted besides. */
  stateVector: string;
  snapshot: string;
}

/** The content by name, as JSON has it. */
export function contentOf(doc: Y.Doc, kinds: Kinds): Record<string, unknown> {
  const read = (name: string, kind: Kind): unknown => {
    switch (kind) {
      case "text":
        return doc.getText(name).toDelta();
      case "map":
        return doc.getMap(name).toJSON();
      case "array":
        return doc.getArray(name).toJSON();
      case "xml":
        return doc.getXmlFragment(name).toString();
    }
  };
  const content = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, read(name, kind)]));
  return JSON.parse(JSON.stringify(content)) as Record<string, unknown>;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** What these documents are together: of members who wrote apart, each with acknowledged changes. */
export function describeDocument(docs: readonly Y.Doc[], kinds: Kinds): ExpectedDocument {
  const doc = new Y.Doc();
  for (const each of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(each));
  return {
    kinds,
    content: contentOf(doc, kinds),
    stateVector: base64(Y.encodeStateVector(doc)),
    snapshot: base64(Y.encodeSnapshot(Y.snapshot(doc))),
  };
}

/** What differs between a document and what it must be; undefined if nothing does. */
export function differenceOf(doc: Y.Doc, expected: ExpectedDocument): string | undefined {
  const content = JSON.stringify(contentOf(doc, expected.kinds));
  if (content !== JSON.stringify(expected.content))
    return `the content is ${content}, expected ${JSON.stringify(expected.content)}`;
  if (base64(Y.encodeStateVector(doc)) !== expected.stateVector) return "the state vector is another one";
  const snapshot = Y.decodeSnapshot(Buffer.from(expected.snapshot, "base64"));
  return Y.equalSnapshots(Y.snapshot(doc), snapshot) ? undefined : "other parts are deleted";
}

export const kindsOfEverything: Kinds = { board: "map", list: "array", page: "xml", note: "text" };

/** Fills a document with one of each type that Yjs has, nested, changed and partly deleted. */
export function fillWithEverything(doc: Y.Doc): void {
  const board = doc.getMap("board");
  doc.transact(() => {
    board.set("title", "Plan");
    board.set("count", 41);
    board.set("large", 2 ** 52);
    board.set("nothing", null);
    board.set("bytes", Uint8Array.of(0, 127, 255));
    board.set("plain", { deep: [1, { deeper: "…" }] });
    board.set("cards", new Y.Map([["first", new Y.Array()]]));
  });
  board.set("count", 42);
  board.set("gone", "soon");
  board.delete("gone");
  const cards = board.get("cards") as Y.Map<Y.Array<string>>;
  cards.get("first")?.insert(0, ["a", "b", "c"]);
  cards.get("first")?.delete(1, 1);
  const nested = new Y.Text("nested ");
  const list = doc.getArray<unknown>("list");
  list.insert(0, [1, "two", nested, true]);
  nested.insert(7, "text 🚣");
  const paragraph = new Y.XmlElement("p");
  const words = new Y.XmlText("Hello ");
  doc.getXmlFragment("page").insert(0, [paragraph, new Y.XmlElement("hr")]);
  paragraph.setAttribute("class", "lead");
  paragraph.insert(0, [words]);
  words.insert(6, "world", { bold: true });
  const note = doc.getText("note");
  note.insert(0, "Trimarans have three hulls");
  note.format(0, 9, { italic: true });
  note.insertEmbed(0, { image: "hull.png" });
  note.delete(10, 5);
}
