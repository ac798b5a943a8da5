import * as Y from "yjs";
import type { TrimaranClient } from "../../../../src/client/index.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import { documentOf } from "./documents.ts";
import type { DocumentHistory, FinalDocument, Token } from "./history.ts";

/** A member who types into the document, and notes what becomes of it. */
export type Writer = ReturnType<typeof createWriter>;

const now = () => performance.now();

export function createWriter(
  name: string,
  socket: TrimaranClient,
  documentId: string,
  history: DocumentHistory,
) {
  const doc = new Y.Doc();
  const text = doc.getText("content");
  const provider = new DocumentProvider(socket, documentId, doc);
  /** In the order typed, each with the clock of the document's own client after it. */
  const unsaved: { token: Token; clock: number }[] = [];
  let typed = 0;

  provider.on("refused", ({ code, message }) => history.refused.push(`${code} ${message}`));
  provider.on("saved", (update) => {
    const clock = Y.parseUpdateMeta(update).to.get(doc.clientID) ?? 0;
    while (unsaved[0] && unsaved[0].clock <= clock) {
      const [saved] = unsaved.splice(0, 1);
      if (saved) saved.token.acknowledgedAt = now();
    }
  });

  return {
    membership: provider,
    /** Types one word at the end of the document. */
    act(): void {
      typed += 1;
      const token: Token = { text: `${name}.${typed}`, typedAt: now() };
      history.tokens.push(token);
      // Known before the edit is made, which may send it at once.
      unsaved.push({ token, clock: Y.getState(doc.store, doc.clientID) + token.text.length + 1 });
      text.insert(text.length, `${token.text} `);
    },
    saved: () => provider.synced && !provider.state.unsavedChanges,
    document: (): FinalDocument => documentOf(name, doc),
    words: () => new Set(text.toString().split(" ")),
    close(): void {
      provider.destroy();
      provider.awareness.destroy();
    },
  };
}
