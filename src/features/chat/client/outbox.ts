import type { TrimaranClient } from "../../../client/connect.ts";
import { randomId } from "../../../client/random-id.ts";
import type { RoomMember } from "../../../client/room.ts";
import { untilAnswered } from "../../../client/until-answered.ts";

const ackTimeoutMs = 5000;

export interface OutboxOptions {
  socket: TrimaranClient;
  /** Of the room whose members get the messages: a document's provider, or what `joinRoom` returns. */
  provider: RoomMember;
  /** The server has it, and every member gets it. */
  onSent?: (id: string) => void;
  /** Refused for good. */
  onRefused?: (id: string, reason: string) => void;
}

/**
 * Sends messages one by one, in order, each until it is acknowledged. It keeps its id, by which the
 * server knows a repetition, so that sending again never makes it appear twice.
 */
export function createOutbox({ socket, provider, onSent, onRefused }: OutboxOptions) {
  const { documentId } = provider;
  const queue: { id: string; text: string }[] = [];
  let sending = false;

  async function flush(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let next = queue[0]; next && provider.synced; next = queue[0]) await attempt(next);
    sending = false;
  }

  async function attempt(message: { id: string; text: string }): Promise<void> {
    const reply = await untilAnswered(
      () => socket.timeout(ackTimeoutMs).emitWithAck("send-message", { documentId, ...message }),
      () => provider.synced && queue[0] === message,
    );
    if (!reply || queue[0] !== message) return;
    queue.shift();
    if (reply.ok) onSent?.(message.id);
    else onRefused?.(message.id, reply.error.message);
  }

  const onState = () => void flush();
  provider.on("state", onState);

  return {
    /** @returns the message's id. */
    add(text: string): string {
      const id = randomId();
      queue.push({ id, text });
      void flush();
      return id;
    },
    /** Messages that were not sent by now never are. */
    destroy(): void {
      queue.length = 0;
      provider.off("state", onState);
    },
  };
}
