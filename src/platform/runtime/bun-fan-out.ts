import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { FanOut } from "../util/fan-out.ts";
import { type Receiver, encode, engineOptions, forEachReceiver, partsOf } from "./receivers.ts";

type WebSocket = Bun.ServerWebSocket<unknown>;
type Publisher = { publish: (topic: string, data: string | Uint8Array) => unknown };

/** A Socket.IO room, as far as its members are WebSockets: a topic of Bun's. */
interface Topic {
  name: string;
  /** Members that are not subscribed, as they poll. */
  others: Set<Receiver> | undefined;
  /** Published since it was looked at who does not read. */
  unwatchedBytes: number;
}

/** Larger packets go to each receiver on its own: what it costs is the bytes, and each is watched exactly. */
const maxPublishedBytes = 65_536;

/** Bun's server of each Socket.IO server, once it listens. */
const publishers = new WeakMap<object, Publisher>();
const topicsOf = new WeakMap<Adapter, Topics>();

type Topics = ReturnType<typeof createTopics>;

/** Lets broadcasts of this Socket.IO server be published by Bun's server. */
export function publishThrough(server: Publisher, io: object): void {
  publishers.set(io, server);
}

function webSocketOf({ client: { conn } }: Receiver): WebSocket | undefined {
  return conn.transport.name === "websocket" ? (conn.transport.socket as WebSocket | undefined) : undefined;
}

function isBehind(receiver: Receiver): boolean {
  return (webSocketOf(receiver)?.getBufferedAmount() ?? 0) > 0;
}

/** Keeps subscriptions in step with the rooms of a namespace. */
function createTopics(adapter: Adapter) {
  const { nsp } = partsOf(adapter);
  const topics = new Map<string, Topic>();

  /** Whether anyone ever listened to outgoing packets: from then on each receiver must be looked at. */
  let listened = false;

  // Functions of the namespace, not one a connection.
  function onAnyOutgoing(this: Receiver, listener: unknown): Receiver {
    listened = true;
    return Object.getPrototypeOf(this).onAnyOutgoing.call(this, listener);
  }
  function prependAnyOutgoing(this: Receiver, listener: unknown): Receiver {
    listened = true;
    return Object.getPrototypeOf(this).prependAnyOutgoing.call(this, listener);
  }

  function topicOf(room: string): Topic {
    let topic = topics.get(room);
    if (!topic)
      topics.set(room, (topic = { name: `${nsp.name}#${room}`, others: undefined, unwatchedBytes: 0 }));
    return topic;
  }

  function subscribe(receiver: Receiver, room: string): void {
    const topic = topicOf(room);
    const ws = webSocketOf(receiver);
    if (ws) ws.subscribe(topic.name);
    else (topic.others ??= new Set()).add(receiver);
  }

  function unsubscribe(receiver: Receiver, room: string): void {
    const topic = topicOf(room);
    topic.others?.delete(receiver);
    const ws = webSocketOf(receiver);
    if (ws?.readyState === 1) ws.unsubscribe(topic.name);
  }

  function admit(receiver: Receiver): void {
    if (receiver._anyOutgoingListeners) listened = true;
    Object.assign(receiver, { onAnyOutgoing, prependAnyOutgoing });
    // A room of one, its own, needs no topic.
    const rooms = () => [...(adapter.socketRooms(receiver.id) ?? [])].filter((room) => room !== receiver.id);
    for (const room of rooms()) subscribe(receiver, room);
    if (webSocketOf(receiver)) return;
    receiver.client.conn.once("upgrade", () => {
      for (const room of rooms()) {
        topicOf(room).others?.delete(receiver);
        subscribe(receiver, room);
      }
    });
  }

  adapter.on("join-room", (room: string, id: string) => {
    const receiver = room === id ? undefined : nsp.sockets.get(id);
    if (receiver) subscribe(receiver, room);
  });
  adapter.on("leave-room", (room: string, id: string) => {
    const receiver = room === id ? undefined : nsp.sockets.get(id);
    if (receiver) unsubscribe(receiver, room);
  });
  adapter.on("delete-room", (room: string) => topics.delete(room));
  (nsp as unknown as NodeJS.EventEmitter).prependListener("connection", admit);
  for (const receiver of nsp.sockets.values()) admit(receiver);

  return { topicOf, isListened: () => listened };
}

/**
 * For Bun: a broadcast to a room is one native publish, to all but the sender if it is left out. A delivery
 * takes 0.13 of the processor time of sending to each (tests/bench, fan-out).
 *
 * Everything else goes to each receiver: several rooms, lists of exceptions, large packets, listeners for
 * outgoing packets, and volatile events while somebody in the room is behind.
 */
export const fanOutByTopics: FanOut = (adapter, packet, options) => {
  const { nsp } = partsOf(adapter);
  let topics = topicsOf.get(adapter);
  if (!topics) topicsOf.set(adapter, (topics = createTopics(adapter)));
  const encoded = encode(adapter, packet);
  const slow = engineOptions(options);
  const server = publishers.get(nsp.server);
  const room = roomOf(adapter, options);
  const sender = server && room !== undefined ? senderOf(adapter, room, options) : "several";
  const size = encoded.reduce((sum, part) => sum + part.length, 0);
  if (
    !server ||
    room === undefined ||
    sender === "several" ||
    size > maxPublishedBytes ||
    ((topics.isListened() || options.flags?.volatile) && mustVisit(adapter, room, options))
  ) {
    forEachReceiver(adapter, options, (receiver) => {
      receiver.notifyOutgoingListeners(packet);
      // The engine takes every WebSocket for writable, whatever waits for it.
      if (options.flags?.volatile && isBehind(receiver)) return;
      receiver.client.writeToEngine(encoded, slow);
    });
    return;
  }
  const topic = topics.topicOf(room);
  const from = sender && webSocketOf(sender);
  const publisher: Publisher = from?.readyState === 1 ? from : server;
  for (const part of encoded) publisher.publish(topic.name, typeof part === "string" ? `4${part}` : part);
  for (const other of topic.others ?? []) if (other !== sender) other.client.writeToEngine(encoded, slow);
  topic.unwatchedBytes += size;
  if (topic.unwatchedBytes > maxPublishedBytes) {
    topic.unwatchedBytes = 0;
    watch(adapter, room);
  }
};

/** The one room that is a topic. */
function roomOf(adapter: Adapter, { rooms }: BroadcastOptions): string | undefined {
  if (rooms.size !== 1) return undefined;
  const [room] = rooms;
  return room === undefined || adapter.sids.has(room) ? undefined : room;
}

/** The one member of the room that is left out, if there is one. */
function senderOf(
  adapter: Adapter,
  room: string,
  { except }: BroadcastOptions,
): Receiver | "several" | undefined {
  if (!except?.size) return undefined;
  if (except.size > 1) return "several";
  const [id = ""] = except;
  const sender = partsOf(adapter).nsp.sockets.get(id);
  if (!sender) return adapter.rooms.has(id) ? "several" : undefined;
  return adapter.rooms.get(room)?.has(id) ? sender : undefined;
}

/** Whether a member must be looked at on its own. */
function mustVisit(adapter: Adapter, room: string, { flags }: BroadcastOptions): boolean {
  const { sockets } = partsOf(adapter).nsp;
  for (const id of adapter.rooms.get(room) ?? []) {
    const receiver = sockets.get(id);
    if (!receiver) continue;
    if (receiver._anyOutgoingListeners?.length) return true;
    if (flags?.volatile && isBehind(receiver)) return true;
  }
  return false;
}

/** Whoever watches what waits for a client hears nothing of what is published: tells those it concerns. */
function watch(adapter: Adapter, room: string): void {
  const { sockets } = partsOf(adapter).nsp;
  for (const id of adapter.rooms.get(room) ?? []) {
    const receiver = sockets.get(id);
    if (receiver && isBehind(receiver)) receiver.client.conn.emit("packetCreate", { data: undefined });
  }
}
