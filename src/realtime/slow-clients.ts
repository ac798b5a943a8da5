import type { Logger } from "../shared/log.ts";

export interface SlowClientOptions {
  /** What may wait for one client, not counting the largest single packet: a document can be larger. */
  maxBufferedBytes: number;
  log: Logger;
  onDisconnect: () => void;
}

/** What is used of an Engine.IO connection; alike in engine.io and in the Bun engine. */
interface Connection {
  id: string;
  transport: {
    writable: boolean;
    /** The WebSocket: `ws` on Node and Deno, Bun's own on Bun; none for long-polling. */
    socket?: { terminate?: () => void; getBufferedAmount?: () => number };
  };
  on(event: "packetCreate", listener: (packet: { data?: unknown }) => void): unknown;
  on(event: "flush", listener: () => void): unknown;
  close(discard?: boolean): unknown;
}

/**
 * Disconnects a client that does not read before it costs more than its share: neither engine has a
 * bound of its own, and Bun's drops packets in silence. The client finds out what it missed on return.
 */
export function guardAgainstSlowClient(connection: unknown, options: SlowClientOptions): void {
  const conn = connection as Connection;
  // Given to the engine and not to the transport; given to the transport and not known to have left.
  let waiting = 0;
  let leaving = 0;
  let largest = 0;

  conn.on("flush", () => {
    leaving = waiting;
    waiting = 0;
  });
  conn.on("packetCreate", ({ data }) => {
    const size = byteLength(data);
    const inSocket = conn.transport.socket?.getBufferedAmount?.() ?? (conn.transport.writable ? 0 : leaving);
    const buffered = waiting + inSocket;
    largest = buffered === 0 ? size : Math.max(largest, size);
    waiting += size;
    if (buffered + size <= options.maxBufferedBytes + largest) return;
    options.log.warn(
      { connection: conn.id, bufferedBytes: buffered + size },
      "a client does not read, disconnecting it",
    );
    options.onDisconnect();
    // A close frame would wait behind all that the client does not read.
    if (conn.transport.socket?.terminate) conn.transport.socket.terminate();
    else conn.close(true);
  });
}

function byteLength(data: unknown): number {
  if (typeof data === "string") return data.length;
  return ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data.byteLength : 0;
}
