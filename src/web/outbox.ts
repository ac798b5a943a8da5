import type { ErrorReply, TrimaranClient } from "../client/index.ts";
import { randomId } from "./dom.ts";

const ackTimeoutMs = 5000;
const retryMs = 1000;
const temporary = new Set<ErrorReply["error"]["code"]>([
  "rate_limited",
  "overloaded",
  "unavailable",
  "not_joined",
]);

export interface OutboxOptions {
  socket: TrimaranClient;
  documentId: string;
  /** Whether the server counts this connection as a member of the document. */
  isReady: () => boolean;
  onSent: (id: string) => void;
  onRefused: (id: string, reason: string) => void;
}

/**
 * Sends messages one by one, in order, each until it is acknowledged. It keeps its id, by which the
 * server knows a repetition, so that sending again never makes it appear twice.
 */
export function createOutbox({ socket, documentId, isReady, onSent, onRefused }: OutboxOptions) {
  const queue: { id: string; text: string }[] = [];
  let sending = false;

  async function flush(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let next = queue[0]; next && isReady(); next = queue[0]) await attempt(next);
    sending = false;
  }

  async function attempt({ id, text }: { id: string; text: string }): Promise<void> {
    const reply = await socket
      .timeout(ackTimeoutMs)
      .emitWithAck("send-message", { documentId, id, text })
      // No answer in time, or the connection went: whether it arrived is unknown.
      .catch(() => undefined);
    if (reply?.ok) {
      queue.shift();
      onSent(id);
    } else if (reply && !temporary.has(reply.error.code)) {
      queue.shift();
      onRefused(id, reply.error.message);
    } else {
      const delayMs = reply?.error.retryAfterMs ?? retryMs;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }

  return {
    /** To be called when `isReady` may have become true. */
    flush: () => void flush(),
    /** @returns the message's id. */
    add(text: string): string {
      const id = randomId();
      queue.push({ id, text });
      void flush();
      return id;
    },
  };
}
