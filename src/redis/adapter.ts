import { createAdapter } from "@socket.io/redis-streams-adapter";
import type { Namespace } from "socket.io";
import { Adapter, type BroadcastOptions, type ClusterMessage, MessageType } from "socket.io-adapter";
import { type RecentEvents, createRecentEvents } from "../delivery/recent-events.ts";
import { type Packet, attachRecovery, isRecoverable, unsettledOffset } from "../delivery/recovery.ts";
import type { Logger } from "../shared/log.ts";
import { createRecentKeys } from "../shared/recent-keys.ts";
import { createAdapterClient } from "./adapter-client.ts";
import { createBackfill } from "./backfill.ts";
import { createInFlight } from "./in-flight.ts";
import { type RedisLink, deadlineMs } from "./link.ts";
import { type OutboxOptions, createPublisher, publishedBefore } from "./publisher.ts";
import { createRedisSessions } from "./sessions.ts";
import { isAfter } from "./stream-id.ts";
import { type StreamReader, createStreamReader } from "./stream-reader.ts";

export interface StreamsAdapterOptions {
  link: RedisLink;
  prefix: string;
  /** Entries the stream keeps: how far back a returning client or a slow replica can be helped. */
  maxStreamEntries: number;
  recent: { maxEvents: number; maxBytes: number };
  outbox: OutboxOptions;
  recoveryWindowMs: number;
  onceWindowMs: number;
  /** Whether Redis answers, waiting out a pause of a moment. */
  answersSoon: () => Promise<boolean>;
  /** Events that clients make up for by themselves, and so are not kept for those who were away. */
  selfHealing: ReadonlySet<string>;
  log: Logger;
  /** Told of every event that another replica sent to a room. */
  onRemoteEvent: (event: string, payload: unknown) => void;
  /** Told when events of other replicas may have been missed. */
  onGap: () => void;
  /** Told when clients hold a true offset again: give them a new one. */
  onSettled: () => void;
}

const maxEarlyKeys = 20_000;

/** The parts of the official adapter that are worked with; its types keep some of them protected. */
interface StreamsAdapter extends Adapter {
  uid: string;
  publishAndReturnOffset(message: object): Promise<string>;
  onMessage(message: ClusterMessage, offset?: string): void;
  addOffsetIfNecessary(packet: Packet, options: BroadcastOptions, offset: string): void;
}

/** `once`: the key of what may be delivered once. `number`: the publisher's own for this broadcast. */
type Flags = BroadcastOptions["flags"] & { once?: string; number?: number };
type BroadcastMessage = ClusterMessage & {
  data: { packet: Packet; requestId?: string; opts: { rooms: string[]; except: string[]; flags?: Flags } };
};

/**
 * The official Redis Streams adapter, with three changes:
 *
 * - A replica delivers its own broadcasts when it reads them back from the stream, not before. Every
 *   member of a room then sees one order on every replica, and the offset a client holds is true.
 * - While Redis is away broadcasts are delivered here at once, and published when it is back.
 * - Recovery is exact, and does not depend on the replica that the client was on: see delivery/recovery.ts.
 */
export function createStreamsAdapter(options: StreamsAdapterOptions) {
  const { link, prefix, log } = options;
  const stream = `${prefix}events`;
  const recent = createRecentEvents({ isAfter, ...options.recent });
  const reader = createStreamReader({
    link,
    stream,
    log,
    onStart: recent.startAt,
    onGap(position) {
      recent.breakAt(position);
      options.onGap();
    },
  });
  const publisher = createPublisher({
    link,
    stream,
    maxStreamEntries: options.maxStreamEntries,
    oncePrefix: `${prefix}once:`,
    onceWindowMs: options.onceWindowMs,
    outbox: options.outbox,
    log,
  });
  link.onChange((up) => {
    if (up) void publisher.flush();
  });
  // Set for the one synchronous call in which the adapter hands the entry to its client.
  let once: string | undefined;
  const create = createAdapter(createAdapterClient({ link, reader, publisher, takeOnce: () => once, log }), {
    streamName: stream,
    channelPrefix: stream,
    readCount: 500,
  });

  // Whether all that was delivered here came in the stream's order; set by the one namespace's adapter.
  let isSettled = () => true;
  let saveSessions = async () => {};

  function publish(adapter: StreamsAdapter, message: object, key: string | undefined): Promise<string> {
    once = key;
    try {
      return adapter.publishAndReturnOffset(message);
    } finally {
      once = undefined;
    }
  }

  return {
    // A function, not an arrow: Socket.IO calls it with `new`.
    adapter: function (namespace: Namespace) {
      const adapter = create(namespace) as unknown as StreamsAdapter;
      isSettled = deliverInOrder(adapter, recent, publish, publisher.isInherited, options);
      saveSessions = recoverExactly(adapter, namespace, recent, reader, options);
      return adapter;
    },
    /** Saves all sessions again, as when Redis lost its data. */
    saveSessions: () => void saveSessions(),
    /** The offset of what was last delivered here, for a client to resume from. */
    offset: () => (isSettled() ? reader.position() : unsettledOffset),
    stats: () => ({ outbox: publisher.stats(), recent: recent.stats() }),
    close: reader.close,
  };
}

function deliverInOrder(
  adapter: StreamsAdapter,
  recent: RecentEvents,
  publish: (adapter: StreamsAdapter, message: object, once: string | undefined) => Promise<string>,
  isInherited: (uid: string) => boolean,
  { link, selfHealing, onRemoteEvent, onSettled }: StreamsAdapterOptions,
): () => boolean {
  const receive = adapter.onMessage.bind(adapter);
  const close = adapter.close.bind(adapter);

  function deliverHere(packet: Packet, options: BroadcastOptions): void {
    Adapter.prototype.broadcast.call(adapter, packet, options);
  }

  // What was delivered here while Redis was away may come once more, from a replica that the sender
  // had tried before this one.
  const deliveredEarly = createRecentKeys(maxEarlyKeys);

  /** Before its turn in the stream: a client that gets this has no true offset until all is settled. */
  const inFlight = createInFlight<Packet>(
    () => deadlineMs,
    (packet, options) => {
      const { once } = (options.flags ?? {}) as Flags;
      if (once !== undefined) deliveredEarly.add(once);
      const copy = { ...packet, data: [...packet.data] };
      adapter.addOffsetIfNecessary(copy, options, unsettledOffset);
      deliverHere(copy, options);
    },
    onSettled,
  );

  /** Resolves when the event is published, or kept to be; with false when it went to members here alone. */
  adapter.broadcast = async (packet: Packet, options: BroadcastOptions): Promise<boolean> => {
    const flags = (options.flags ?? {}) as Flags;
    const isUp = link.isUp();
    // Nothing overtakes what still waits for the stream.
    if (!isUp && !flags.local) inFlight.deliverAll();
    if (flags.local || (!isUp && selfHealing.has(String(packet.data[0])))) {
      deliverHere(packet, options);
      return false;
    }
    const number = inFlight.add(packet, options);
    if (!isUp) inFlight.deliverNow(number);
    const opts = {
      rooms: [...options.rooms],
      except: [...(options.except ?? [])],
      flags: { ...flags, number },
    };
    const data = { packet: { ...packet, data: [...packet.data] }, opts };
    await publish(adapter, { type: MessageType.BROADCAST, data }, flags.once).then(
      (offset) => offset === publishedBefore && inFlight.drop(number),
      () => inFlight.deliverNow(number),
    );
    return true;
  };

  adapter.onMessage = (message, offset) => {
    const own = message.uid === adapter.uid;
    const { packet, opts, requestId } = (message as BroadcastMessage).data ?? {};
    if (message.type !== MessageType.BROADCAST || offset === undefined || requestId !== undefined) {
      if (!own) receive(message, offset);
      return;
    }
    const event = String(packet.data[0]);
    const { number, once, ...flags } = opts.flags ?? {};
    if (isRecoverable(packet, { rooms: new Set(), flags }) && !selfHealing.has(event)) {
      recent.add({
        offset,
        key: `${message.uid}:${number}`,
        rooms: opts.rooms,
        except: opts.except,
        args: [...packet.data],
      });
    }
    // Delivered already, if the stream took longer than the deadline.
    if (own && number !== undefined && !inFlight.met(number)) return;
    if (isInherited(message.uid)) return;
    if (!own && once !== undefined && deliveredEarly.has(once)) return;
    if (!own) onRemoteEvent(event, packet.data[1]);
    // Without its uid, as the official adapter ignores its own.
    receive({ ...message, uid: "" as typeof message.uid }, inFlight.isSettled() ? offset : unsettledOffset);
  };

  // Who waits for the stream when Redis goes does not wait any longer.
  const stop = link.onChange((up) => {
    if (!up) inFlight.deliverAll();
  });
  adapter.close = () => {
    stop();
    inFlight.deliverAll();
    return close();
  };
  return inFlight.isSettled;
}

function recoverExactly(
  adapter: StreamsAdapter,
  namespace: Namespace,
  recent: RecentEvents,
  reader: StreamReader,
  options: StreamsAdapterOptions,
): () => Promise<void> {
  const { link, prefix, recoveryWindowMs, maxStreamEntries, selfHealing, onSettled } = options;
  const refreshEveryMs = recoveryWindowMs / 4;
  const recovery = attachRecovery({
    namespace,
    adapter,
    recent,
    sessions: createRedisSessions(link, prefix, recoveryWindowMs + refreshEveryMs * 2, options.answersSoon),
    cover: createBackfill({
      recent,
      reader,
      maxEntries: maxStreamEntries,
      namespace: namespace.name,
      selfHealing,
    }),
    refreshEveryMs,
  });
  const stop = link.onChange((up) => {
    // Whose session could not be saved lost its offset, and gets one again.
    if (up) void recovery.saveMissing().then(onSettled);
  });
  const close = adapter.close.bind(adapter);
  adapter.close = () => {
    stop();
    recovery.close();
    return close();
  };
  return recovery.saveAll;
}
