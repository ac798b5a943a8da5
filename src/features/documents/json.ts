import * as Y from "yjs";

/**
 * What a document holds, by the names of its shared types: texts as Quill deltas (`[{ insert, … }]`),
 * maps as objects, arrays as arrays, XML as its source.
 *
 * What is no JSON is told in words: integers of 64 bits as text, bytes as base64. This is the one place that builds a `Y.Doc`: reading content needs its items in order. An update
 * doesn't say of which type a top-level name is, so that is told from what it contains.
 */
export function documentToJson(update: Uint8Array): Record<string, unknown> {
  const doc = new Y.Doc();
  try {
    Y.applyUpdate(doc, update);
    return Object.fromEntries([...doc.share.keys()].map((name) => [name, contentOf(doc, name)]));
  } finally {
    doc.destroy();
  }
}

function contentOf(doc: Y.Doc, name: string): unknown {
  const type = doc.share.get(name);
  if (!type) return null;
  if (type._map.size > 0) return doc.getMap(name).toJSON();
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    if (
      content instanceof Y.ContentString ||
      content instanceof Y.ContentFormat ||
      content instanceof Y.ContentEmbed
    ) {
      return doc.getText(name).toDelta();
    }
    if (
      content instanceof Y.ContentType &&
      (content.type instanceof Y.XmlElement || content.type instanceof Y.XmlText)
    ) {
      return doc.getXmlFragment(name).toString();
    }
    return doc.getArray(name).toJSON();
  }
  return [];
}
