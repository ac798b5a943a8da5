import * as Y from "yjs";
import { createRandom } from "../../faults/random.ts";

export interface LargeDocument {
  /** Of the document as one update, about. */
  documentBytes: number;
  seed: number;
}

const authors = 20;
const insertsOfPart = 20_000;
const words = "the wind turned and three hulls ran before it as one boat would never have done".split(" ");

/**
 * A text as people leave it behind: written by many, in many places, with words taken out again.
 *
 * @returns updates that build on each other, as many as it takes.
 */
export function buildLargeDocument({ documentBytes, seed }: LargeDocument) {
  const random = createRandom(seed);
  const doc = new Y.Doc();
  const text = doc.getText("content");
  const ownId = doc.clientID;
  const parts: Uint8Array[] = [];

  function edit(): void {
    const at = random.index(text.length + 1);
    if (random.index(10) === 0) text.delete(at, Math.min(4, text.length - at));
    else text.insert(at, `${random.pick(words)} ${random.pick(words)} `);
  }

  for (let bytes = 0; bytes < documentBytes; bytes += parts.at(-1)?.length ?? 0) {
    const before = Y.encodeStateVector(doc);
    // Each has a name in Yjs of its own, and a seed repeats it.
    doc.clientID = 1_000_000 + random.index(authors);
    for (let count = 0; count < insertsOfPart; count += 1) {
      if (count % 100 === 0) doc.clientID = 1_000_000 + random.index(authors);
      edit();
    }
    parts.push(Y.encodeStateAsUpdate(doc, before));
  }
  doc.clientID = ownId;
  return { parts, characters: text.length };
}
