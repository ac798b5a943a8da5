import type { FeatureWorkload } from "../../../faults/feature.ts";
import { freshDocument } from "./documents.ts";
import { type DocumentHistory, outcomeOf } from "./history.ts";
import { type Writer, createWriter } from "./writer.ts";

/** Members of every scenario type into one document, and all get the same. */
export const workload: FeatureWorkload = {
  acts: "edits",
  columns: [["words", "tokens"]],
  sabotages: [
    {
      name: "lose-edit",
      bug: "lose",
      push: "receive-changes",
      finds: "acknowledged edit is not in the document",
    },
  ],

  start(documentId) {
    const history: DocumentHistory = { tokens: [], documents: [], refused: [] };
    const writers: Writer[] = [];
    return {
      addMember(name, socket) {
        const writer = createWriter(name, socket, documentId, history);
        writers.push(writer);
        return writer;
      },
      isAcknowledged: () => writers.every((writer) => writer.saved()),
      isEverywhere: () => areEqual(writers),
      hasAll() {
        const words = history.tokens.map(({ text }) => text);
        return () =>
          writers.every((writer) => {
            const known = writer.words();
            return words.every((word) => known.has(word));
          });
      },
      keep: () => void history.documents.push(...writers.map((writer) => writer.document())),
      async visit(url, where) {
        history.documents.push(await freshDocument(url, where, documentId));
      },
      outcome: () => outcomeOf(history),
    };
  },
};

function areEqual(writers: readonly Writer[]): boolean {
  const states = writers.map((writer) => {
    const { stateVector, text } = writer.document();
    return stateVector + text;
  });
  return new Set(states).size <= 1;
}
