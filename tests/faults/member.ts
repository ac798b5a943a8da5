import { setTimeout as delay } from "node:timers/promises";
import * as Y from "yjs";
import { type ConnectOptions, connect } from "../../src/client/index.ts";
import { DocumentProvider } from "../../src/features/documents/client/index.ts";
import { documentOf } from "./documents.ts";
import type { FinalDocument, History, Message, Token } from "./history.ts";
import { markJoined, record } from "./record.ts";

export interface MemberOptions extends ConnectOptions {
  name: string;
  url: string;
  documentId: string;
  history: History;
}

/** One person at work: types into the document and chats, and writes down what happens. */
export type Member = ReturnType<typeof createMember>;

const ackTimeoutMs = 2000;
const retryMs = 50;
const now = () => performance.now();

export function createMember({ name, url, documentId, history, ...options }: MemberOptions) {
  const socket = connect(url, { forceNew: true, transports: ["websocket"], name, ...options });
  const seen = record(socket, name, documentId, history);
  const doc = new Y.Doc();
  const text = doc.getText("content");
  const provider = new DocumentProvider(socket, documentId, doc);
  const refused: string[] = [];
  provider.on("refused", ({ code, message }) => refused.push(`${code} ${message}`));
  let seq = 0;
  /** In the order typed, each with the clock of the document's own client after it. */
  const unsaved: { token: Token; clock: number }[] = [];
  const closing = new AbortController();

  provider.on("state", ({ status }) => {
    if (status === "synced") markJoined(seen);
  });
  provider.on("saved", (update) => {
    const clock = Y.parseUpdateMeta(update).to.get(doc.clientID) ?? 0;
    while (unsaved[0] && unsaved[0].clock <= clock) {
      const [saved] = unsaved.splice(0, 1);
      if (saved) saved.token.acknowledgedAt = now();
    }
  });

  /** Again and again with the same id, as a careful client does, until the server says that it has it. */
  async function deliver(message: Message, content: string): Promise<void> {
    const payload = { documentId, id: `${name}:${message.seq}`, text: content };
    while (!closing.signal.aborted) {
      if (provider.synced) {
        const reply = await socket
          .timeout(ackTimeoutMs)
          .emitWithAck("send-message", payload)
          .catch(() => undefined);
        if (reply?.ok) {
          message.acknowledgedAt = now();
          return;
        }
        if (reply?.error.code === "invalid") throw new Error(`refused: ${reply.error.message}`);
      }
      await delay(retryMs);
    }
  }

  return {
    name,
    socket,
    provider,
    seen,
    refused,
    /** Sends a message; resolves when it is acknowledged. The next one must wait for that. */
    async say(content = "hello"): Promise<void> {
      seq += 1;
      const message: Message = { sender: name, seq, sentAt: now() };
      history.messages.push(message);
      await deliver(message, content);
    },
    /** Types one word at the end of the document. */
    type(): void {
      const token: Token = { text: `${name}.${unsavedIndex()}`, member: name, typedAt: now() };
      history.tokens.push(token);
      // Known before the edit is made, which may send it at once.
      unsaved.push({ token, clock: Y.getState(doc.store, doc.clientID) + token.text.length + 1 });
      text.insert(text.length, `${token.text} `);
    },
    saved: () => provider.synced && !provider.state.unsavedChanges,
    document: (): FinalDocument => documentOf(name, doc),
    words: () => new Set(text.toString().split(" ")),
    /** The network goes away under the client; with `back` it may come back by itself. */
    breakConnection({ back = true } = {}): void {
      socket.io.reconnection(back);
      socket.io.engine?.close();
    },
    /** After `breakConnection({ back: false })`. */
    goOnline(): void {
      socket.io.reconnection(true);
      socket.connect();
    },
    close(): void {
      closing.abort();
      provider.destroy();
      provider.awareness.destroy();
      socket.disconnect();
    },
  };

  function unsavedIndex(): number {
    return (typed += 1);
  }
}

let typed = 0;
