import type { Socket } from "node:net";
import type { FanOut } from "../util/fan-out.ts";
import { type Connection, encode, engineOptions, forEachReceiver } from "./receivers.ts";
import { TickWriter } from "./tick-writer.ts";
import { encodeFrames } from "./websocket-frames.ts";

/** The fields of a `ws` WebSocket that are taken over. */
interface WebSocketParts {
  _sender?: { _socket?: Socket | TickWriter };
  getBufferedAmount?: (this: WebSocketParts) => number;
}

/** Writers of the connections that are WebSockets, until they end. */
const writers = new WeakMap<Connection, TickWriter>();
/** So much is told to whoever watches what waits for a client, even if nothing waits. */
const largeBytes = 65_536;

/** As Bun's WebSockets have it. */
function getBufferedAmount(this: WebSocketParts): number {
  const writer = this._sender?._socket;
  return writer instanceof TickWriter ? writer.bufferedBytes : 0;
}

/** Sends all that a connection sends through a `TickWriter`, once it is a WebSocket. */
export function writeByTurns(connection: Connection): void {
  const { transport } = connection;
  if (transport.name !== "websocket") return void connection.once("upgrade", () => writeByTurns(connection));
  const ws = transport.socket as WebSocketParts | undefined;
  const tcp = ws?._sender?._socket;
  // Compressed frames differ by receiver, and another `ws` may have other fields: then nothing changes.
  if (!ws?._sender || !tcp || tcp instanceof TickWriter || transport.perMessageDeflate) return;
  const writer = new TickWriter(tcp);
  ws._sender._socket = writer;
  ws.getBufferedAmount = getBufferedAmount;
  writers.set(connection, writer);
}

/**
 * For Node and Deno. Text and attachments become WebSocket frames once for all receivers, and go straight
 * to the writer of each, past the queue and the events that engine.io has for every packet of every receiver.
 * Connections with something in that queue, and those that poll, take the usual way.
 */
export const fanOutToWriters: FanOut = (adapter, packet, options) => {
  const encoded = encode(adapter, packet);
  const frames = encodeFrames(encoded);
  const isVolatile = options.flags?.volatile === true;
  const slow = engineOptions(options);
  forEachReceiver(adapter, options, (receiver) => {
    receiver.notifyOutgoingListeners(packet);
    const connection = receiver.client.conn;
    const writer = writers.get(connection);
    if (!writer || connection.readyState !== "open" || connection.writeBuffer.length > 0)
      return receiver.client.writeToEngine(encoded, slow);
    if (writer.isBehind || frames.length >= largeBytes) {
      if (isVolatile && writer.isBehind) return;
      connection.emit("packetCreate", { data: frames });
      if (writer.destroyed) return;
    }
    writer.write(frames);
  });
};
