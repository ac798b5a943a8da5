import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Adapter, type BroadcastOptions, type ClusterMessage, MessageType } from "socket.io-adapter";
import type { Namespace } from "socket.io";
import type { Logger } from "../shared/log.ts";
import { createAdapterClient } from "./adapter-client.ts";
import { createInFlight } from "./in-flight.ts";
import type { RedisLink } from "./link.ts";
import { createStreamReader } from "./stream-reader.ts";

export interface StreamsAdapterOptions {
  link: RedisLink;
  prefix: string;
  /** Entries the stream keeps: how far back a returning client or a slow replica can be helped. */
  maxEntries: number;
  log: Logger;
  /** Told of every event that another replica sent to a room. */
  onRemoteEvent: (event: string, payload: unknown) => void;
  /** Told when events of other replicas may have been missed. */
  onGap: () => void;
}

interface Packet {
  type: number;
  data: unknown[];
  id?: number;
}

/** The parts of the official adapter that are worked with; its types keep some of them protected. */
interface StreamsAdapter extends Adapter {
  uid: string;
  publishAndReturnOffset(message: object): Promise<string>;
  onMessage(message: ClusterMessage, offset?: string): void;
  broadcast(packet: Packet, options: BroadcastOptions): void;
}

type BroadcastMessage = ClusterMessage & {
  data: { packet: Packet; opts: { flags?: { sequence?: number } } };
};

/**
 * The official Redis Streams adapter, with two changes:
 *
 * - A replica delivers its own broadcasts when it reads them back from the stream, not before. Every
 *   member of a room then sees one order on every replica, and the offset a client holds is true.
 * - While Redis is away broadcasts are delivered here at once; the stream is not waited for.
 */
export function createStreamsAdapter(options: StreamsAdapterOptions) {
  const { link, prefix, log } = options;
  const stream = `${prefix}events`;
  const reader = createStreamReader({ link, stream, log, onGap: options.onGap });
  const create = createAdapter(createAdapterClient({ link, reader, log }), {
    streamName: stream,
    channelPrefix: `${prefix}events`,
    sessionKeyPrefix: `${prefix}session:`,
    maxLen: options.maxEntries,
    readCount: 500,
  });

  return {
    // A function, not an arrow: Socket.IO calls it with `new`.
    adapter: function (namespace: Namespace) {
      return inStreamOrder(create(namespace) as unknown as StreamsAdapter, options);
    },
    /** The offset of what was last delivered here, for a client to resume from. */
    offset: reader.position,
    close: reader.close,
  };
}

function inStreamOrder(
  adapter: StreamsAdapter,
  { link, onRemoteEvent }: StreamsAdapterOptions,
): StreamsAdapter {
  const receive = adapter.onMessage.bind(adapter);
  const close = adapter.close.bind(adapter);

  function deliverHere(packet: Packet, options: BroadcastOptions): void {
    Adapter.prototype.broadcast.call(adapter, packet, options);
  }

  const inFlight = createInFlight(deliverHere);

  adapter.broadcast = (packet, options) => {
    if (options.flags?.local) return deliverHere(packet, options);
    if (!link.isUp()) {
      inFlight.deliverAll();
      return deliverHere(packet, options);
    }
    const sequence = inFlight.add(packet, options);
    adapter
      .publishAndReturnOffset({
        type: MessageType.BROADCAST,
        data: {
          packet: { ...packet, data: [...packet.data] },
          opts: {
            rooms: [...options.rooms],
            except: [...(options.except ?? [])],
            flags: { ...options.flags, sequence },
          },
        },
      })
      .catch(() => inFlight.deliverNow(sequence));
  };

  adapter.onMessage = (message, offset) => {
    const own = message.uid === adapter.uid;
    if (message.type !== MessageType.BROADCAST || offset === undefined) {
      if (!own) receive(message, offset);
      return;
    }
    const { packet, opts } = (message as BroadcastMessage).data;
    if (own) {
      // Delivered already, if the stream took longer than the deadline.
      if (opts.flags?.sequence !== undefined && !inFlight.met(opts.flags.sequence)) return;
      return receive({ ...message, uid: "" as typeof message.uid }, offset);
    }
    onRemoteEvent(String(packet.data[0]), packet.data[1]);
    receive(message, offset);
  };

  adapter.close = () => {
    inFlight.deliverAll();
    return close();
  };
  return adapter;
}
