import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import * as present from "../../../../src/client/index.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import { type ClientPackage, type MemberOptions, openSocket, patienceMs } from "../../../upgrade/member.ts";

/** A client package with documents: the present one, or that of 0.1.0, which had all in one file. */
export type DocumentClient = ClientPackage & { DocumentProvider: typeof DocumentProvider };

export const presentClient: DocumentClient = { ...present, DocumentProvider };

/** One client with one document open. */
export interface DocumentMember {
  socket: present.TrimaranClient;
  doc: Y.Doc;
  text: Y.Text;
  provider: DocumentProvider;
  /** Sends one update as it is, and waits until it is acknowledged. */
  send: (update: Uint8Array) => Promise<void>;
  close: () => void;
}

/** Connects and opens the document; resolves when it is in sync. */
export function openDocumentMember(
  client: DocumentClient,
  url: string,
  documentId: string,
  options: MemberOptions = {},
): Promise<DocumentMember> {
  const socket = openSocket(client, url, options) as unknown as present.TrimaranClient;
  return openDocument(client, socket, documentId);
}

/** Opens a document over a connection that there is. */
export async function openDocument(
  client: DocumentClient,
  socket: present.TrimaranClient,
  documentId: string,
): Promise<DocumentMember> {
  const doc = new Y.Doc();
  const provider = new client.DocumentProvider(socket, documentId, doc, { awareness: new Awareness(doc) });
  const member: DocumentMember = {
    socket,
    doc,
    text: doc.getText("content"),
    provider,
    async send(update) {
      const reply = await socket.emitWithAck("send-changes", { documentId, update });
      if (!reply.ok) throw new Error(`a change was refused: ${reply.error.message}`);
    },
    close() {
      provider.destroy();
      provider.awareness.destroy();
      socket.disconnect();
    },
  };
  await waitFor(`${documentId} is in sync`, () => provider.synced, patienceMs).catch((error: unknown) => {
    member.close();
    throw error;
  });
  return member;
}
