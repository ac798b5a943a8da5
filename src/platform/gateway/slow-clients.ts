import { byteLength } from "../util/byte-length.ts";
import type { Logger } from "../observability/log.ts";

export interface SlowClientOptions {
  /** What may wait for one client, not counting the largest single packet: a document can be larger. */
  maxBufferedBytes: number;
  log: Logger;
  onDisconnect: () => void;
}

interface Packet {
  data?: unknown;
}

/** What is used of an Engine.IO connection; alike in engine.io and in the Bun engine. */
interface Connection {
  id: string;
  writeBuffer: Packet[];
  transport: {
    writable: boolean;
    /** The WebSocket, which knows what it keeps (see src/platform/runtime); none for long-polling. */
    socket?: { terminate?: () => void; getBufferedAmount?: () => number };
  };
  on(event: "packetCreate", listener: (this: Connection, packet: Packet) => void): unknown;
  on(event: "flush", listener: (this: Connection, packets: Packet[]) => void): unknown;
  close(discard?: boolean): unknown;
}

/** Smaller ones are not worth remembering. */
const largeBytes = 16_384;

/**
 * Disconnects a client that does not read before it costs more than its share: neither engine has a
 * bound of its own, and Bun's drops packets in silence. The client finds out what it missed on return.
 *
 * A client that keeps up costs no memory for it.
 */
export function createSlowClientGuard({ maxBufferedBytes, log, onDisconnect }: SlowClientOptions) {
  /** Given to a transport that does not know what it keeps, and not known to have left. */
  const leaving = new WeakMap<Connection, number>();
  /** Given up: what else is sent to them until they are gone changes nothing. */
  const ended = new WeakSet<Connection>();
  /** The largest packet of all that wait. */
  const largest = new WeakMap<Connection, number>();

  function inTransport(connection: Connection): number {
    const { socket, writable } = connection.transport;
    return socket?.getBufferedAmount?.() ?? (writable ? 0 : (leaving.get(connection) ?? 0));
  }

  function waiting(connection: Connection): number {
    const { writeBuffer } = connection;
    return inTransport(connection) + (writeBuffer.length === 0 ? 0 : sum(writeBuffer));
  }

  function onFlush(this: Connection, packets: Packet[]): void {
    if (!this.transport.socket?.getBufferedAmount) leaving.set(this, sum(packets));
  }

  function onPacket(this: Connection, { data }: Packet): void {
    if (ended.has(this)) return;
    const size = byteLength(data);
    const buffered = waiting(this);
    if (buffered === 0) largest.delete(this);
    if (size > largeBytes) largest.set(this, Math.max(size, largest.get(this) ?? 0));
    if (buffered + size <= maxBufferedBytes + (largest.get(this) ?? largeBytes)) return;
    ended.add(this);
    log.warn(
      { connection: this.id, bufferedBytes: buffered + size },
      "a client does not read, disconnecting it",
    );
    onDisconnect();
    // A close frame would wait behind all that the client does not read.
    if (this.transport.socket?.terminate) this.transport.socket.terminate();
    else this.close(true);
  }

  return {
    watch(unknownConnection: unknown): void {
      const connection = unknownConnection as Connection;
      connection.on("packetCreate", onPacket);
      connection.on("flush", onFlush);
    },
    /** Bytes that wait for the client to read them. */
    waitingBytes: (connection: unknown): number => waiting(connection as Connection),
  };
}

function sum(packets: readonly Packet[]): number {
  let bytes = 0;
  for (const { data } of packets) bytes += byteLength(data);
  return bytes;
}
