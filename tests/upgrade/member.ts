import { pathToFileURL } from "node:url";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { waitFor } from "../../deploy/local/process.ts";
import * as present from "../../src/client/index.ts";
import { createOutbox } from "../../src/features/chat/client/index.ts";
import { DocumentProvider } from "../../src/features/documents/client/index.ts";

/** A client package: the present one, or one that an earlier version built, which had all in one file. */
export type ClientPackage = Pick<typeof present, "connect" | "refusalOf"> & {
  DocumentProvider: typeof DocumentProvider;
  createOutbox: typeof createOutbox;
};

/** Ends a wait that would hang; a busy machine may need a good part of it. */
export const patienceMs = 60_000;

export const presentClient: ClientPackage = { ...present, DocumentProvider, createOutbox };

/** The client package in a folder, as an app would import it: its own imports are the project's. */
export async function loadClient(folder: string): Promise<ClientPackage> {
  return (await import(pathToFileURL(`${folder}/index.js`).href)) as ClientPackage;
}

/** What Socket.IO's client keeps of its session, by which a server knows it again. */
export interface Session {
  pid: string;
  offset: string;
}

/** Socket.IO's types keep these private. */
type WithSession = { _pid?: string | undefined; _lastOffset?: string | undefined };
const sessionOf = (socket: present.TrimaranClient) => socket as unknown as WithSession;

/** One client with one document open. */
export interface Member {
  socket: present.TrimaranClient;
  doc: Y.Doc;
  text: Y.Text;
  provider: DocumentProvider;
  /** The texts of all chat messages that came, in order. */
  messages: string[];
  session: () => Session | undefined;
  say: (text: string, id?: string) => Promise<void>;
  /** Sends one update as it is, and waits until it is acknowledged. */
  send: (update: Uint8Array) => Promise<void>;
  close: () => void;
}

export interface MemberOptions extends present.ConnectOptions {
  /** A session that another process of this client had. */
  session?: Session;
}

/** Connects, without waiting for it. */
export function openSocket(
  client: ClientPackage,
  url: string,
  { session, ...options }: MemberOptions = {},
): present.TrimaranClient {
  const socket = client.connect(url, { forceNew: true, autoConnect: false, ...options });
  Object.assign(sessionOf(socket), { _pid: session?.pid, _lastOffset: session?.offset });
  return socket.connect();
}

/** Connects and opens the document; resolves when it is in sync. */
export function openMember(
  client: ClientPackage,
  url: string,
  documentId: string,
  options: MemberOptions = {},
): Promise<Member> {
  return openDocument(client, openSocket(client, url, options), documentId);
}

/** Opens a document over a connection that there is. */
export async function openDocument(
  client: ClientPackage,
  socket: present.TrimaranClient,
  documentId: string,
): Promise<Member> {
  const doc = new Y.Doc();
  const messages: string[] = [];
  socket.on("receive-message", ({ documentId: id, text }) => {
    if (id === documentId) messages.push(text);
  });
  const provider = new client.DocumentProvider(socket, documentId, doc, { awareness: new Awareness(doc) });
  let said = 0;
  const member: Member = {
    socket,
    doc,
    text: doc.getText("content"),
    provider,
    messages,
    session() {
      const { _pid: pid, _lastOffset: offset } = sessionOf(socket);
      return pid !== undefined && offset !== undefined && /^\d+-\d+/.test(offset)
        ? { pid, offset }
        : undefined;
    },
    async say(text, id = `${doc.clientID}-${(said += 1)}`) {
      const reply = await socket.emitWithAck("send-message", { documentId, id, text });
      if (!reply.ok) throw new Error(`the message "${text}" was refused: ${reply.error.message}`);
    },
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
