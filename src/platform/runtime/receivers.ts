import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Packet } from "../util/fan-out.ts";

/** What a fan-out uses of a Socket.IO socket, some of which its types keep private. */
export interface Receiver {
  id: string;
  notifyOutgoingListeners(packet: Packet): void;
  onAnyOutgoing(listener: unknown): this;
  prependAnyOutgoing(listener: unknown): this;
  _anyOutgoingListeners?: unknown[];
  client: {
    conn: Connection;
    writeToEngine(encoded: unknown, options: object): void;
  };
}

/** An Engine.IO connection; alike in engine.io and in the Bun engine. */
export interface Connection {
  readyState: string;
  writeBuffer: unknown[];
  transport: { name: string; socket?: unknown; perMessageDeflate?: unknown };
  once(event: "upgrade", listener: () => void): unknown;
  emit(event: "packetCreate", packet: { data?: unknown }): unknown;
}

interface AdapterParts {
  encoder: { encode(packet: Packet): (string | Uint8Array)[] };
  nsp: { name: string; server: object; sockets: Map<string, Receiver> };
  apply(options: BroadcastOptions, visit: (receiver: Receiver) => void): void;
}

/** The parts of Socket.IO's in-memory adapter that are worked with. */
export const partsOf = (adapter: Adapter) => adapter as unknown as AdapterParts;

/** Visits each receiver once; one room without exceptions costs no allocation. */
export function forEachReceiver(
  adapter: Adapter,
  options: BroadcastOptions,
  visit: (receiver: Receiver) => void,
): void {
  if (options.rooms.size !== 1 || options.except?.size) return partsOf(adapter).apply(options, visit);
  const { sockets } = partsOf(adapter).nsp;
  for (const room of options.rooms) {
    for (const id of adapter.rooms.get(room) ?? []) {
      const receiver = sockets.get(id);
      if (receiver) visit(receiver);
    }
  }
}

/** Encodes a packet of this adapter's namespace: text, then attachments. */
export function encode(adapter: Adapter, packet: Packet): (string | Uint8Array)[] {
  const { encoder, nsp } = partsOf(adapter);
  packet.nsp = nsp.name;
  return encoder.encode(packet);
}

/** What goes with an encoded packet to the engine. */
export function engineOptions({ flags }: BroadcastOptions): object {
  return { preEncoded: true, volatile: flags?.volatile, compress: flags?.compress };
}
