import "quill/dist/quill.snow.css";
import "quill-cursors/css";
// After Quill's: later rules go before earlier ones.
import "./editor.css";
import * as Y from "yjs";
import { fragment } from "../../../web/dom.ts";
import type { PagePart } from "../../../web/part.ts";
import { DocumentProvider } from "../client/index.ts";
import { createEditor } from "./editor.ts";
import { forgetCopy, isFromCopy, keepOnDevice, nameOfCopy } from "./kept.ts";
import { editorMarkup, keysMarkup, offlineNote } from "./markup.ts";
import { bindStatus } from "./status.ts";

/** The document's editor, its copy on this device, and whether all of it is saved. */
export const part: PagePart = {
  noun: "document",
  join({ socket, room, userId, places }) {
    places.main.append(fragment(editorMarkup));
    places.main.ariaLabel = "Document";
    places.skip.hash = "editor";
    places.keys.prepend(fragment(keysMarkup));
    places.note.prepend(offlineNote);
    const doc = new Y.Doc();
    const provider = new DocumentProvider(socket, room, doc, { isCopy: isFromCopy });
    // While the document is empty: bound to a filled one, Quill leaves out the last end of a line.
    createEditor(provider);
    const ready = keepOnDevice(nameOfCopy(userId, room), doc).then((copy) => {
      // A user who may not read the document any more has no copy of it, either.
      provider.on("state", ({ access }) => {
        if (access === "none") void copy.forget();
      });
      bindStatus(provider, copy.isKept);
    });
    return { member: provider, awareness: provider.awareness, ready };
  },
  forget: (userId, room) => forgetCopy(nameOfCopy(userId, room)),
};
