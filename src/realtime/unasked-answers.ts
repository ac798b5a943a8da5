import type { Socket } from "socket.io";

/** What is used of a socket, which Socket.IO's types keep private. */
interface Answered {
  acks: Map<number, unknown>;
  onack: (packet: { id: number; data: unknown[] }) => void;
}

/**
 * Calls `onUnasked` with what an acknowledgement has that nothing waits for. Socket.IO drops it, since it may just be
 * late; but the server has decoded it, which no limit of events has seen.
 */
export function watchAnswers(socket: Socket, onUnasked: (args: unknown[]) => void): void {
  const answered = socket as unknown as Answered;
  const { onack } = answered;
  answered.onack = (packet) => {
    if (answered.acks.has(packet.id)) onack.call(socket, packet);
    else onUnasked(packet.data);
  };
}
