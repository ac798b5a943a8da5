import type { Socket } from "socket.io";

/** What is used of a socket, which Socket.IO's types keep private. */
interface Answered {
  acks: Map<number, unknown>;
  onack: (packet: { id: number; data: unknown[] }) => void;
}

/**
 * Calls `onUnasked` with the values of each acknowledgement that the server did not ask for, or no longer waits for.
 * Socket.IO drops it. But the server has decoded it, and the limits of events don't see it.
 */
export function watchAnswers(socket: Socket, onUnasked: (args: unknown[]) => void): void {
  const answered = socket as unknown as Answered;
  const { onack } = answered;
  answered.onack = (packet) => {
    if (answered.acks.has(packet.id)) onack.call(socket, packet);
    else onUnasked(packet.data);
  };
}
