import * as Y from "yjs";
import type { PaneJoining, PaneUser } from "../../../web/pane.ts";
import { DocumentProvider } from "../client/index.ts";
import { textName } from "../page/safe-presence.ts";
import { createSmallEditor } from "./editor.ts";
import type { Side } from "./proof.ts";

export type Writer = ReturnType<typeof createWriter>;

/** A user's document and its editor, and how much the user typed. */
export function createWriter({ name, socket, room, body, isDegraded, refresh }: PaneUser) {
  const doc = new Y.Doc();
  const text = doc.getText(textName);
  const provider = new DocumentProvider(socket, room, doc);
  const typed = { inserted: 0 };
  let savedAt = 0;

  text.observe(({ delta, transaction }) => {
    if (transaction.local)
      for (const { insert } of delta) typed.inserted += typeof insert === "string" ? insert.length : 0;
    refresh();
  });
  provider.on("state", ({ unsavedChanges }) => {
    if (!unsavedChanges) savedAt = typed.inserted;
  });
  const quill = createSmallEditor(body, provider, name);

  return {
    doc,
    text,
    provider,
    quill,

    status(): ReturnType<PaneJoining["status"]> {
      if (!provider.synced) return { text: `${typed.inserted - savedAt} unsaved and kept`, kind: "bad" };
      if (provider.state.unsavedChanges) return { text: "saving…", kind: "busy" };
      return { text: isDegraded() ? "saved on this replica" : "saved", kind: "good" };
    },

    side: (): Side => ({
      doc,
      text,
      typed,
      isSettled: provider.synced && !provider.state.unsavedChanges,
      isDegraded: isDegraded(),
    }),
  };
}
