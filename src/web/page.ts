import "quill/dist/quill.snow.css";
import "quill-cursors/css";
import "./page.css";
import "./editor.css";
import * as Y from "yjs";
import { DocumentProvider, connect } from "../client/index.ts";
import { bindChat } from "./chat.ts";
import { documentFromAddress } from "./document-name.ts";
import { find } from "./dom.ts";
import { createEditor } from "./editor.ts";
import { loadIdentity } from "./identity.ts";
import { bindPeople } from "./people.ts";
import { bindServer } from "./server.ts";
import { bindShareButton } from "./share.ts";
import { bindStatus } from "./status.ts";

const documentId = documentFromAddress();
if (documentId !== undefined) open(documentId);

function open(name: string): void {
  const me = loadIdentity();
  const socket = connect("", { name: me.name });
  const provider = new DocumentProvider(socket, name, new Y.Doc());
  bindStatus(provider, socket);
  bindServer(socket);
  createEditor(provider);
  bindPeople(provider.awareness, socket, me);
  bindChat(socket, provider, () => find<HTMLInputElement>("name-input").value);
  bindShareButton();
}
