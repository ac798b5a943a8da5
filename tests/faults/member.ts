import { setTimeout as delay } from "node:timers/promises";
import { type ConnectOptions, type TrimaranClient, connect, joinRoom } from "../../src/client/index.ts";
import type { talk } from "../support/talk/contract.ts";
import type { FeatureRun } from "./feature.ts";
import type { History, Message } from "./history.ts";
import { markJoined, record } from "./record.ts";
import { type Speech, talkSpeech } from "./speech.ts";

export interface MemberOptions extends ConnectOptions {
  name: string;
  url: string;
  documentId: string;
  history: History;
  /** The app's features in this scenario. */
  runs: readonly FeatureRun[];
  speech?: Speech | undefined;
}

/** One client at work: it speaks in the room and does what features do, and notes what happens. */
export type Member = ReturnType<typeof createMember>;

const ackTimeoutMs = 2000;
const retryMs = 50;
const now = () => performance.now();

export function createMember({
  name,
  url,
  documentId,
  history,
  runs,
  speech = talkSpeech,
  ...options
}: MemberOptions) {
  const socket = connect<typeof talk>(url, { forceNew: true, transports: ["websocket"], name, ...options });
  const seen = record(socket, name, documentId, history, speech);
  // The server has the app's features, too.
  const appSocket = socket as unknown as TrimaranClient;
  const parts = runs.map((run) => run.addMember(name, appSocket));
  const joined = parts.flatMap(({ membership }) => membership ?? []);
  const room = joined.length === 0 ? joinRoom(appSocket, documentId) : undefined;
  const memberships = room ? [room] : joined;
  const isSynced = () => memberships.every(({ synced }) => synced);
  for (const membership of memberships)
    membership.on("state", () => {
      if (isSynced()) markJoined(seen);
    });
  const closing = new AbortController();
  let seq = 0;

  /** Again and again with the same id, as a careful client does, until the server says that it has it. */
  async function deliver(message: Message, text: string): Promise<void> {
    const payload = { documentId, id: `${name}:${message.seq}`, text };
    while (!closing.signal.aborted) {
      if (isSynced()) {
        const reply = await socket
          .timeout(ackTimeoutMs)
          .emitWithAck(speech.say, payload)
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
    seen,
    /** Whether it is a member of the room now, and has what the server has. */
    get synced(): boolean {
      return isSynced();
    },
    /** Sends a message; resolves when it is acknowledged. The next one must wait for that. */
    async say(text = "hello"): Promise<void> {
      seq += 1;
      const message: Message = { sender: name, seq, sentAt: now() };
      history.messages.push(message);
      await deliver(message, text);
    },
    /** Does one thing of each feature. */
    act(): void {
      for (const part of parts) part.act();
    },
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
      for (const part of parts) part.close();
      room?.destroy();
      socket.disconnect();
    },
  };
}
