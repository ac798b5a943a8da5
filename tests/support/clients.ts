import { afterEach, beforeEach } from "node:test";
import * as Y from "yjs";
import { waitFor } from "../../deploy/local/process.ts";
import {
  type ConnectOptions,
  DocumentProvider,
  type TrimaranClient,
  connect,
} from "../../src/client/index.ts";
import type { Mode } from "../../src/client/index.ts";

export type Transport = "websocket" | "polling";

/** One person with a document open. */
export interface Person {
  socket: TrimaranClient;
  provider: DocumentProvider;
  doc: Y.Doc;
  text: Y.Text;
  /** Everything this person was sent by chat, in order. */
  messages: string[];
  /** The latest `mode` event. */
  seen: { mode?: Mode; nodeId?: string; runtime?: string };
  close: () => void;
}

let addresses = 0;

/** An address that no other test has, of the range for benchmarks (RFC 2544). */
export function newAddress(): string {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
}

/**
 * Clients that are closed after each test. Those of one test share an address that is theirs alone, as people in
 * one room do: servers under test have the limits that production has.
 */
export function useClients() {
  const open: (() => void)[] = [];
  let address = newAddress();
  beforeEach(() => void (address = newAddress()));
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  function socketTo(url: string, options: ConnectOptions = {}): TrimaranClient {
    const extraHeaders = { "x-forwarded-for": address, ...options.extraHeaders };
    const socket = connect(url, { forceNew: true, ...options, extraHeaders });
    open.push(() => socket.disconnect());
    return socket;
  }

  /** A document that is open on a socket, which may not be connected yet. */
  function documentOn(socket: TrimaranClient, documentId: string): Person {
    const doc = new Y.Doc();
    const messages: string[] = [];
    const seen: Person["seen"] = {};
    socket.on("mode", (mode) => Object.assign(seen, mode));
    socket.on("receive-message", ({ documentId: id, text }) => {
      if (id === documentId) messages.push(text);
    });
    const provider = new DocumentProvider(socket, documentId, doc);
    const close = () => {
      provider.destroy();
      provider.awareness.destroy();
      socket.disconnect();
    };
    open.push(close);
    return { socket, provider, doc, text: doc.getText("content"), messages, seen, close };
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

/** A document id of its own for every call, so that tests don't meet. */
export function newId(): string {
  return `test-${Math.random().toString(36).slice(2)}`;
}
