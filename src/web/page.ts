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
import { explainMissingToken, loadToken } from "./token.ts";

const documentId = documentFromAddress();
if (documentId !== undefined) open(documentId);

function open(documentId: string): void {
  const me = loadIdentity();
  let name = me.name;
  const token = loadToken();
  const socket = connect("", { name: () => name, ...(token !== undefined && { token }) });
  explainMissingToken(socket);
  const provider = new DocumentProvider(socket, documentId, new Y.Doc());
  bindStatus(provider, socket);
  bindServer(socket, token);
  createEditor(provider);
  bindPeople(provider.awareness, socket, me, (chosen) => (name = chosen));
  bindChat(socket, provider, () => find<HTMLInputElement>("name-input").value);
  bindShareButton();
}
