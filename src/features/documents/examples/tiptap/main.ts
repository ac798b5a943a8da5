// A rich-text editor, Tiptap: a document that several users change at the same time.
import { Editor } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import { CollaborationCaret } from "@tiptap/extension-collaboration-caret";
import { StarterKit } from "@tiptap/starter-kit";
import { connect } from "trimaran/client";
import { DocumentProvider } from "trimaran/client/documents";
import * as Y from "yjs";
import { me } from "../me.ts";
import { showStatus } from "../status.ts";

/** The server's address; run.ts puts it in. */
declare const SERVER: string;

const socket = connect(SERVER, { name: me.name });
const doc = new Y.Doc();
const provider = new DocumentProvider(socket, "example-tiptap", doc);
showStatus(provider);

new Editor({
  element: document.querySelector("#editor-root"),
  extensions: [
    // Collaboration has an undo of its own, which takes back what was typed here alone.
    StarterKit.configure({ undoRedo: false }),
    Collaboration.configure({ document: doc, field: "content" }),
    CollaborationCaret.configure({ provider, user: me }),
  ],
  editorProps: { attributes: { "aria-label": "Document", role: "textbox", "aria-multiline": "true" } },
});
