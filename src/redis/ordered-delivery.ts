import {
  type Adapter,
  type BroadcastOptions,
  type ClusterMessage,
  type ClusterResponse,
  MessageType,
} from "socket.io-adapter";
import type { RecentEvents } from "../delivery/recent-events.ts";
import { isRecoverable, unsettledOffset } from "../delivery/recovery.ts";
import type { FanOut, Packet } from "../shared/fan-out.ts";
import type { Logger } from "../shared/log.ts";
import { createRecentKeys } from "../shared/recent-keys.ts";
import { createSampler } from "../shared/sampler.ts";
import { SpanKind, traceparent, traced } from "../shared/tracing.ts";
import { type InFlight, createInFlight } from "./in-flight.ts";
import type { RedisClock } from "./clock.ts";
import { type RedisLink, deadlineMs } from "./link.ts";
import { type EntryFields, decodePart, encodePart } from "./batch.ts";
import type { ReportMalformed } from "./malformed.ts";
import type { BroadcastData } from "./messages.ts";
import type { Publisher } from "./publisher.ts";
import { takenAtMs } from "./stream-id.ts";

/** The parts of the official adapter that are worked with; its types keep some of them protected. */
export interface StreamsAdapter extends Adapter {
  uid: string;
  /** Questions to other replicas that wait for answers. */
  requests: Map<string, { timeout: NodeJS.Timeout; resolve: unknown; responses: unknown[] }>;
  doPublish(message: object): Promise<string>;
  onResponse(response: ResponseMessage): void;
  publishResponse(asker: string, response: Omit<ResponseMessage, "uid">): void;
  onRawMessage(fields: EntryFields, offset: string): void;
  onMessage(message: ClusterMessage, offset?: string): void;
  addOffsetIfNecessary(packet: Packet, options: BroadcastOptions, offset: string): void;
}

/** What a replica answers another; `error` in the place of the rest, where it could not. */
export interface ResponseMessage extends Pick<ClusterResponse, "type"> {
  uid: string;
  data: { requestId: string; packet?: unknown; error?: unknown; sockets?: object[] };
}

/** Told of a sample of events: at most one a millisecond. */
export interface DeliveryMeasures {
  /** From sending an event to giving it to members on this replica. */
  onDelivered: (ms: number) => void;
  /** From Redis taking another replica's event to its delivery here. */
  onHop: (ms: number) => void;
}

export interface OrderedDeliveryOptions {
  adapter: StreamsAdapter;
  link: RedisLink;
  clock: RedisClock;
  measure: DeliveryMeasures;
  recent: RecentEvents;
  publisher: Publisher;
  fanOut: FanOut;
  selfHealing: ReadonlySet<string>;
  /** Whether clients may be sent this: another version's replica may publish what they don't know. */
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  onMalformed: ReportMalformed;
  onRemoteEvent: (event: string, payload: unknown) => void;
  /** Told of every event that was delivered here before its turn in the stream. */
  onEarly: () => void;
  /** Told after every event that gave members an offset. */
  onDelivered: () => void;
  onSettled: () => void;
  log: Logger;
}

/**
 * Makes a packet as it was sent. Not the packet itself, which has the app's own objects: changed since, they would be
 * another event here than elsewhere, or one that can't be encoded.
 */
export type PacketOf = () => Packet;

type Flags = BroadcastOptions["flags"] & { once?: string; number?: number };

const maxKeys = 20_000;
const sampleEveryMs = 1;
const nowhere = new Set<string>();

/**
 * Makes the adapter deliver its own broadcasts when it reads them back from the stream, not before; and
 * while Redis is away at once, to publish them when it is back.
 */
export function deliverInOrder(options: OrderedDeliveryOptions): InFlight<PacketOf> {
  const { adapter, link, clock, measure, recent, publisher, fanOut, selfHealing, log } = options;
  const receive = adapter.onMessage.bind(adapter);
  const close = adapter.close.bind(adapter);

  // A message that its sender sent again, to another replica, may come from both, and in either order.
  const delivered = createRecentKeys(maxKeys, publisher.inheritedKeys());
  const outstanding = new Map<string, number>();

  /** Before its turn in the stream: a client that gets this has no true offset until all is settled. */
  const inFlight = createInFlight<PacketOf>({
    deadlineMs,
    deliver({ packet, options: to }) {
      const { once } = (to.flags ?? {}) as Flags;
      if (once !== undefined) delivered.add(once);
      const copy = packet();
      adapter.addOffsetIfNecessary(copy, to, unsettledOffset);
      fanOut(adapter, copy, to);
      options.onEarly();
    },
    onFailed: (error) => log.error({ err: error }, "an event of the app could not be delivered here"),
    onSettled: options.onSettled,
    onWaited: measure.onDelivered,
  });

  const isSampled = createSampler(sampleEveryMs);
  function noteHop(offset: string): void {
    if (!isSampled(performance.now())) return;
    const now = clock.now();
    // Clocks that differ by less than a way through Redis would give less than nothing.
    if (now !== undefined) measure.onHop(Math.max(0, now - takenAtMs(offset)));
  }

  function drop(number: number, once: string | undefined): void {
    inFlight.drop(number);
    if (once !== undefined && outstanding.get(once) === number) outstanding.delete(once);
  }

  /** Resolves when the event is published, or kept to be; with false when it went to members here alone. */
  adapter.broadcast = (packet: Packet, to: BroadcastOptions): Promise<boolean> => {
    const flags = (to.flags ?? {}) as Flags;
    const { once } = flags;
    const isUp = link.isUp();
    // Nothing overtakes what still waits for the stream.
    if (!isUp && !flags.local) inFlight.deliverAll();
    if (flags.local || (!isUp && selfHealing.has(String(packet.data[0])))) {
      fanOut(adapter, packet, to);
      return Promise.resolve(false);
    }
    const isKnown = once !== undefined && delivered.has(once);
    const number = inFlight.nextNumber();
    const parent = traceparent();
    const withTrace = parent === undefined ? { ...flags, number } : { ...flags, number, traceparent: parent };
    const opts = { rooms: [...to.rooms], except: [...(to.except ?? [])], flags: withTrace };
    // Throws at the line of the app that sends what can't be encoded, before anything else has happened.
    const part = encodePart({ packet, opts });
    // What was delivered before is published for the other replicas, and has a number in the order, alone.
    if (!isKnown) inFlight.add(() => (decodePart(part) as BroadcastData).packet, to, number);
    if (once !== undefined && !isKnown) {
      outstanding.set(once, number);
      for (const oldest of outstanding.keys()) {
        if (outstanding.size <= maxKeys) break;
        outstanding.delete(oldest);
      }
    }
    const onDropped = () => drop(number, once);
    // Another replica's entry is, or will be, read here. If this was delivered early, it is known as such
    // until then: clients that come back in between must be given it.
    const onPublishedBefore = () => {
      if (inFlight.forget(number)) drop(number, once);
    };
    // What Redis did not take is kept: the stream brings it soon, or it is delivered early like all that waits.
    const message = { uid: adapter.uid, nsp: adapter.nsp.name, type: MessageType.BROADCAST, part };
    if (!isUp) inFlight.deliverNow(number);
    const published = publisher
      .publishTogether(message, { once, onDropped, onPublishedBefore })
      .then(() => true);
    // Socket.IO ignores this promise.
    published.catch((error: unknown) => log.error({ err: error }, "an event could not be published"));
    return published;
  };

  adapter.onRawMessage = (fields, offset) => {
    const { uid, nsp, type, decoded: data } = fields;
    try {
      adapter.onMessage({ uid, nsp, type: Number(type), data } as ClusterMessage, offset);
    } catch (error) {
      // The official reader would leave out all that it read together with this.
      log.error({ err: error, id: offset }, "an event of the stream could not be delivered");
    }
  };

  adapter.onMessage = (message, offset) => {
    const own = message.uid === adapter.uid;
    if (message.type !== MessageType.BROADCAST || offset === undefined) {
      if (!own) receive(message, offset);
      return;
    }
    const { packet, opts } = (message as { data: unknown }).data as BroadcastData;
    const event = String(packet.data[0]);
    if (!own && !options.isServerEvent(event, packet.data[1], adapter.nsp.name)) {
      options.onMalformed("stream", { id: offset, reason: "no event of the contract" });
      return;
    }
    const { number, once, traceparent: parent, ...flags } = opts.flags ?? {};
    if (isRecoverable(packet, { rooms: nowhere, flags }) && !selfHealing.has(event)) {
      recent.add({
        offset,
        key: once ?? `${message.uid}:${number}`,
        rooms: opts.rooms,
        except: opts.except,
        args: [...packet.data],
      });
    }
    const isKnown = once !== undefined && delivered.has(once);
    if (once !== undefined) {
      delivered.add(once);
      const ownNumber = outstanding.get(once);
      // Another replica's came first: ours will not, or is a repeat.
      if (!own && ownNumber !== undefined) drop(ownNumber, once);
      if (own && ownNumber === number) outstanding.delete(once);
    }
    // Delivered already, if the stream took longer than the deadline.
    if (own && number !== undefined && !inFlight.met(number)) return;
    if (publisher.isInherited(message.uid) || isKnown) return;
    if (!own) options.onRemoteEvent(event, packet.data[1]);
    // Most rooms have no members on most replicas.
    if (opts.rooms.length > 0 && !opts.rooms.some((room) => adapter.rooms.has(room))) return;
    const to = { rooms: new Set(opts.rooms), except: new Set(opts.except), flags };
    adapter.addOffsetIfNecessary(packet, to, inFlight.isSettled() ? offset : unsettledOffset);
    const deliver = () => fanOut(adapter, packet, to as BroadcastOptions);
    try {
      if (parent === undefined) deliver();
      else {
        const attributes = () => ({ "messaging.message.id": offset });
        traced(`deliver ${event}`, { kind: SpanKind.CONSUMER, parent, attributes }, deliver);
      }
    } catch (error) {
      // Such as one nested so deep that it could just be published. Nothing is wrong with Redis then.
      if (own) log.error({ err: error, event }, "an event of the app could not be delivered here");
      // No replica sends what clients can't be sent.
      else options.onMalformed("stream", { id: offset, err: error });
    }
    if (!own) noteHop(offset);
    options.onDelivered();
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
  return inFlight;
}
