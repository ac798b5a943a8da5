import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { ConnectOptions, TrimaranClient } from "../../../../src/client/index.ts";
import { useSockets } from "../../../support/sockets.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import type { Mode } from "../../../../src/client/index.ts";

/** One person with a document open. */
export interface Person {
  socket: TrimaranClient;
  provider: DocumentProvider;
  doc: Y.Doc;
  text: Y.Text;
  /** The latest `mode` event. */
  seen: { mode?: Mode; nodeId?: string; runtime?: string };
  close: () => void;
}

/** Clients with documents, that are closed after each test. */
export function useClients() {
  const { socketTo, onClose } = useSockets();

  /** A document that is open on a socket, which may not be connected yet. */
  function documentOn(socket: TrimaranClient, documentId: string): Person {
    const doc = new Y.Doc();
    const seen: Person["seen"] = {};
    socket.on("mode", (mode) => Object.assign(seen, mode));
    const provider = new DocumentProvider(socket, documentId, doc);
    const close = () => {
      provider.destroy();
      provider.awareness.destroy();
      socket.disconnect();
    };
    onClose(close);
    return { socket, provider, doc, text: doc.getText("content"), seen, close };
  }

  async function person(url: string, documentId: string, options: ConnectOptions = {}): Promise<Person> {
    const opened = documentOn(socketTo(url, options), documentId);
    await waitFor(`${documentId} is in sync`, () => opened.provider.synced);
    return opened;
  }

  return { socketTo, documentOn, person };
}

/** Waits until all have the same document, byte-equal in state vector, and the same text. */
export async function waitForConvergence(people: Person[], timeoutMs = 60_000): Promise<string> {
  return waitFor(
    "all have the same document",
    () => {
      const [first = "", ...others] = people.map(
        ({ doc, text }) => `${Y.encodeStateVector(doc)} ${text.toString()}`,
      );
      return others.every((other) => other === first) && { text: people[0]?.text.toString() ?? "" };
    },
    timeoutMs,
  ).then(({ text }) => text);
}
