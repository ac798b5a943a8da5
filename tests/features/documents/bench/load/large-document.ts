import * as Y from "yjs";
import { createRandom } from "../../../../support/random.ts";

export interface LargeDocument {
  /** Of the document as one update, about. */
  documentBytes: number;
  seed: number;
}

const authors = 20;
const insertsOfPart = 5000;
/** An author stays around a place for so many inserts. */
const insertsOfPlace = 100;
const reach = 600;
const words = "the wind turned and three hulls ran before it as one boat would never have done".split(" ");

/**
 * A text as people leave it behind: written by many, here and there, with words taken out again.
 *
 * @returns updates that build on each other, as many as it takes.
 */
export function buildLargeDocument({ documentBytes, seed }: LargeDocument) {
  const random = createRandom(seed);
  const doc = new Y.Doc();
  const text = doc.getText("content");
  const parts: Uint8Array[] = [];
  let place = 0;

  function edit(): void {
    const at = Math.min(Math.max(0, place + random.index(reach) - reach / 2), text.length);
    if (random.index(10) === 0) text.delete(at, Math.min(4, text.length - at));
    else
      text.insert(at, Array.from({ length: 2 + random.index(8) }, () => `${random.pick(words)} `).join(""));
  }

  while (Y.encodeStateAsUpdate(doc).length < documentBytes) {
    const before = Y.encodeStateVector(doc);
    for (let count = 0; count < insertsOfPart; count += 1) {
      if (count % insertsOfPlace === 0) {
        // Yjs knows authors by this number; a seed repeats it.
        doc.clientID = 1_000_000 + random.index(authors);
        place = random.index(text.length + 1);
      }
      edit();
    }
    parts.push(Y.encodeStateAsUpdate(doc, before));
  }
  return { parts, characters: text.length };
}
