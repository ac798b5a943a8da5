import { decode } from "@msgpack/msgpack";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import type { Namespace } from "socket.io";
import type { ClusterMessage } from "socket.io-adapter";
import { type RecentEvents, createRecentEvents } from "../delivery/recent-events.ts";
import { type Recovery, type RecoveryOutcome, unsettledOffset } from "../delivery/recovery.ts";
import type { FanOut } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { createAdapterClient } from "./adapter-client.ts";
import { answerSafely } from "./answers.ts";
import type { RedisClock } from "./clock.ts";
import type { InFlight } from "./pending-broadcasts.ts";
import type { RedisLink } from "./connection-supervisor.ts";
import type { ReportMalformed } from "./malformed.ts";
import { isPubSubMessage } from "./messages.ts";
import {
  type DeliveryMeasures,
  type PacketOf,
  type StreamsAdapter,
  deliverInOrder,
} from "./ordered-delivery.ts";
import { type OutboxOptions, createPublisher } from "./publisher.ts";
import { refuseMistakes } from "./refuse-mistakes.ts";
import { isAfter } from "./stream-id.ts";
import { createStreamReader } from "./stream-reader.ts";
import { recoverFromStream } from "./stream-recovery.ts";

export interface StreamsAdapterOptions {
  link: RedisLink;
  clock: RedisClock;
  measure: DeliveryMeasures;
  prefix: string;
  /** Entries the stream keeps: how far back a returning client or a slow replica can be helped. */
  maxStreamEntries: number;
  recent: { maxEvents: number; maxBytes: number };
  outbox: OutboxOptions;
  recoveryWindowMs: number;
  onceWindowMs: number;
  /** Whether Redis answers, waiting out a pause of a moment. */
  answersSoon: () => Promise<boolean>;
  fanOut: FanOut;
  /** Events that clients make up for by themselves, and so are not kept for those who were away. */
  selfHealing: ReadonlySet<string>;
  log: Logger;
  onMalformed: ReportMalformed;
  /** Whether clients may be sent this, which another replica published. */
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  /** Told of every event that another replica sent to a room. */
  onRemoteEvent: (event: string, payload: unknown) => void;
  /** Told when events of other replicas may have been missed. */
  onGap: () => void;
  /** Told of every event that was delivered here before its turn in the stream. */
  onEarly: () => void;
  /** Told when clients hold a true offset again: give them a new one. */
  onSettled: () => void;
  /** Told how each attempt to recover a client ended. */
  onRecovery: (outcome: RecoveryOutcome) => void;
}

/** What each namespace has for itself. */
interface NamespaceParts {
  adapter: StreamsAdapter;
  recent: RecentEvents;
  inFlight: InFlight<PacketOf>;
  recovery: Recovery;
}

/**
 * The official Redis Streams adapter, with three changes:
 *
 * - A replica delivers its own broadcasts when it reads them back from the stream, not before. Every
 *   member of a room then sees one order on every replica, and the offset a client holds is true.
 * - While Redis is away broadcasts are delivered here at once, and published when it is back. (Both:
 *   ordered-delivery.ts)
 * - Recovery is exact, and does not depend on the replica that the client was on: stream-recovery.ts.
 */
export function createStreamsAdapter(options: StreamsAdapterOptions) {
  const { link, prefix, log, onMalformed } = options;
  const stream = `${prefix}events`;
  const namespaces = new Map<string, NamespaceParts>();
  const reader = createStreamReader({
    link,
    stream,
    log,
    onMalformed,
    onStart(position) {
      for (const { recent } of namespaces.values()) recent.startAt(position);
      settle();
    },
    onGap(position) {
      for (const { recent } of namespaces.values()) recent.breakAt(position);
      options.onGap();
      settle();
      // What was in the way of publishing may be gone.
      void publisher.flush();
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
  const client = createAdapterClient({ link, reader, publisher, log, onPubSub: receive });
  const create = createAdapter(client, { streamName: stream, channelPrefix: stream, readCount: 100 });

  /** A message by pub/sub, which the official adapter would take as it comes. */
  function receive(payload: Buffer): void {
    let message: unknown;
    try {
      message = decode(payload);
    } catch (error) {
      return onMalformed("pubsub", { err: error });
    }
    const name = (message as { nsp?: unknown } | null)?.nsp;
    const parts = typeof name === "string" ? namespaces.get(name) : undefined;
    if (!parts || !isPubSubMessage(message, parts.adapter.nsp.name)) return onMalformed("pubsub", {});
    parts.adapter.onMessage(message as ClusterMessage);
  }

  /** Clients hold a true offset from here on, but for those whose session is not saved. */
  function settle(): void {
    options.onSettled();
    for (const { recovery } of namespaces.values()) recovery.markUnsaved();
  }

  link.onChange((up) => {
    if (!up) return;
    void publisher.flush();
    // Whose session could not be saved lost its offset, and gets one again.
    Promise.all([...namespaces.values()].map(({ recovery }) => recovery.saveMissing()))
      .then(settle)
      .catch((error: unknown) => log.error({ err: error }, "clients could not be given a new offset"));
  });

  return {
    // A function, not an arrow: Socket.IO calls it with `new`.
    adapter: function (namespace: Namespace) {
      const adapter = create(namespace) as unknown as StreamsAdapter;
      const recent = createRecentEvents({ isAfter, ...options.recent });
      answerSafely({ ...options, adapter });
      // Undefined while the server is made; a namespace that comes later has nothing from before.
      const position = reader.position();
      if (position !== undefined) recent.startAt(position);
      const inFlight = deliverInOrder({
        ...options,
        adapter,
        recent,
        publisher,
        onDelivered: () => recovery.markUnsaved(),
        onSettled: settle,
      });
      const recovery: Recovery = recoverFromStream({
        ...options,
        adapter,
        namespace,
        recent,
        reader,
        publisher,
        inFlight,
      });
      const close = adapter.close.bind(adapter);
      adapter.close = () => {
        recovery.close();
        return close();
      };
      refuseMistakes(adapter, log);
      namespaces.set(namespace.name, { adapter, recent, inFlight, recovery });
      return adapter;
    },
    /** Saves all sessions again, as when Redis lost its data. */
    saveSessions(): void {
      for (const { recovery } of namespaces.values()) void recovery.saveAll();
    },
    /** The offset of what was last delivered here, for a client to resume from. */
    offset: () =>
      [...namespaces.values()].every(({ inFlight }) => inFlight.isSettled())
        ? reader.position()
        : unsettledOffset,
    stats: () => ({ outbox: publisher.stats() }),
    close: reader.close,
  };
}
