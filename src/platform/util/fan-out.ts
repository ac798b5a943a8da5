import type { Adapter, BroadcastOptions } from "socket.io-adapter";

/** A Socket.IO packet before it is encoded. */
export interface Packet {
  type: number;
  data: unknown[];
  id?: number;
  nsp?: string;
}

/**
 * Sends a packet to the members of rooms that are connected to this process.
 *
 * MUST: do what `Adapter.prototype.broadcast` of socket.io-adapter does, as far as anyone can tell from
 * outside: the same receivers, each once, in order with everything else that they are sent.
 */
export type FanOut = (adapter: Adapter, packet: Packet, options: BroadcastOptions) => void;
