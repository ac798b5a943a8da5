// A plain-text editor, CodeMirror: a document that several users change at the same time.
import { basicSetup, EditorView } from "codemirror";
import { connect } from "trimaran/client";
import { DocumentProvider } from "trimaran/client/documents";
import { yCollab } from "y-codemirror.next";
import * as Y from "yjs";
import { me } from "../me.ts";
import { showStatus } from "../status.ts";

/** The server's address; run.ts puts it in. */
declare const SERVER: string;

const socket = connect(SERVER, { name: me.name });
const doc = new Y.Doc();
const provider = new DocumentProvider(socket, "example-codemirror", doc);
showStatus(provider);
provider.awareness.setLocalStateField("user", { ...me, colorLight: `${me.color}33` });

const text = doc.getText("content");
// Undo takes back what was typed here, and nobody else's.
const undoManager = new Y.UndoManager(text);
const parent = document.querySelector("#editor");
if (!parent) throw new Error("no #editor");
new EditorView({
  doc: text.toString(),
  extensions: [
    basicSetup,
    EditorView.lineWrapping,
    EditorView.darkTheme.of(matchMedia("(prefers-color-scheme: dark)").matches),
    EditorView.contentAttributes.of({ "aria-label": "Document" }),
    yCollab(text, provider.awareness, { undoManager }),
  ],
  parent,
});
