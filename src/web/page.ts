import "quill/dist/quill.snow.css";
import "quill-cursors/css";
// In this order: later rules go before earlier ones.
import "./theme.css";
import "./page.css";
import "./header.css";
import "./chat.css";
import "./editor.css";
import "./small.css";
import * as Y from "yjs";
import { connect } from "../client/index.ts";
import { DocumentProvider } from "../features/documents/client/index.ts";
import { bindChat } from "./chat.ts";
import { documentFromAddress } from "./document-name.ts";
import { find } from "./dom.ts";
import { createEditor } from "./editor.ts";
import { bindHelp } from "./help.ts";
import { loadIdentity } from "./identity.ts";
import { isFromCopy, keepOnDevice, nameOfCopy } from "./kept.ts";
import { openWhileOffline } from "./open-offline.ts";
import { bindPeople } from "./people.ts";
import { bindRecent } from "./recent.ts";
import { bindServer } from "./server.ts";
import { bindShareButton } from "./share.ts";
import { bindStatus } from "./status.ts";
import { bindTheme } from "./theme.ts";
import { explainMissingToken, loadToken, userOf } from "./token.ts";

bindTheme();
bindHelp();
openWhileOffline();
const documentId = documentFromAddress();
if (documentId !== undefined) void open(documentId);

async function open(documentId: string): Promise<void> {
  const me = loadIdentity();
  let name = me.name;
  const token = loadToken();
  const userId = userOf(token);
  const doc = new Y.Doc();
  const options = { name: () => name, autoConnect: false, ...(token !== undefined && { token }) };
  const socket = connect("", options);
  explainMissingToken(socket);
  const provider = new DocumentProvider(socket, documentId, doc, { isCopy: isFromCopy });
  // While the document is empty: bound to a filled one, Quill leaves out the last end of a line.
  createEditor(provider);
  const kept = await keepOnDevice(nameOfCopy(userId, documentId), doc);
  // Whoever may not read it any more has no copy of it, either.
  provider.on("state", ({ access }) => {
    if (access === "none") void kept.forget();
  });
  bindStatus(provider, socket, kept.isKept);
  bindServer(socket, token);
  bindPeople(provider.awareness, socket, me, (chosen) => (name = chosen));
  bindChat(socket, provider, () => find<HTMLInputElement>("name-input").value);
  bindRecent(userId, documentId);
  bindShareButton();
  // What is on this device is there: the server is asked for the rest, and told what it lacks.
  socket.connect();
}
