import type { Adapter, BroadcastOptions } from "socket.io-adapter";
import type { Logger } from "../observability/log.ts";
import type { Packet } from "../util/fan-out.ts";
import { emitEach } from "../util/emit-each.ts";

/** Rooms that one call may name: other replicas take no message with more (src/platform/redis/messages.ts). */
export const maxRooms = 10_000;

/** What a call names: its rooms, and those of the receivers that are left out. */
type Targets = Pick<BroadcastOptions, "rooms"> & { except?: BroadcastOptions["except"] };

/**
 * Refuses what the app can't mean, or what other replicas would drop, at the line of the app that asks for it, and
 * alike with and without Redis. What the adapter does later, without a caller, ends in the log.
 */
export function refuseMistakes(adapter: Adapter, log: Logger): void {
  const {
    addAll,
    del,
    broadcast,
    broadcastWithAck,
    addSockets,
    delSockets,
    disconnectSockets,
    fetchSockets,
  } = adapter;
  const logged = (work: unknown): Promise<void> =>
    Promise.resolve(work).then(
      () => undefined,
      (error: unknown) => log.error({ err: error }, "a change of sockets failed"),
    );

  adapter.addAll = (id, rooms) => {
    checkRooms("socket.join", rooms);
    return addAll.call(adapter, id, rooms);
  };
  adapter.del = (id, room) => {
    checkRooms("socket.leave", [room]);
    return del.call(adapter, id, room);
  };
  adapter.broadcast = (packet: Packet, to: BroadcastOptions) => {
    checkEventName("emit", packet.data[0]);
    checkTargets(to);
    return broadcast.call(adapter, packet, to);
  };
  adapter.broadcastWithAck = (packet: Packet, to, ...callbacks) => {
    checkEventName("emitWithAck", packet.data[0]);
    checkTargets(to);
    broadcastWithAck.call(adapter, packet, to, ...callbacks);
  };
  // Socket.IO ignores the promises of these three.
  adapter.addSockets = (of, rooms) => {
    checkTargets(of);
    checkCount("socketsJoin", rooms.length);
    checkRooms("socketsJoin", rooms);
    return logged(addSockets.call(adapter, of, rooms));
  };
  adapter.delSockets = (of, rooms) => {
    checkTargets(of);
    checkCount("socketsLeave", rooms.length);
    checkRooms("socketsLeave", rooms);
    return logged(delSockets.call(adapter, of, rooms));
  };
  adapter.disconnectSockets = (of, close) => {
    checkTargets(of);
    // Other replicas drop a message with anything but a boolean in it.
    return logged(disconnectSockets.call(adapter, of, Boolean(close)));
  };
  adapter.fetchSockets = async (of) => {
    checkTargets(of);
    return fetchSockets.call(adapter, of);
  };
  // Listeners of the app, as for "join-room": one that throws must not leave a socket half in or out of its rooms.
  adapter.emit = (event: string, ...args: unknown[]) =>
    emitEach(adapter, event, args, (error) => log.error({ err: error, event }, "a listener of rooms failed"));
}

/** @throws {TypeError} for an event name that is no string: other replicas would drop it. */
export function checkEventName(call: string, name: unknown): void {
  if (typeof name !== "string")
    throw new TypeError(`event names are strings: ${advice(call, name, "an event")}`);
}

function checkTargets({ rooms, except }: Targets): void {
  checkCount("to", rooms.size);
  checkRooms("io.to", rooms);
  if (except === undefined) return;
  checkCount("except", except.size);
  checkRooms("io.except", except);
}

function checkCount(call: string, count: number): void {
  if (count > maxRooms)
    throw new RangeError(`${call}: ${count} rooms, at most ${maxRooms} at once; name them in several calls`);
}

function checkRooms(call: string, rooms: Iterable<unknown>): void {
  for (const room of rooms) {
    if (typeof room !== "string") throw new TypeError(`rooms are strings: ${advice(call, room, "a room")}`);
  }
}

function advice(call: string, value: unknown, example: string): string {
  const isPlain = ["number", "bigint", "boolean"].includes(typeof value);
  return `write ${call}(${JSON.stringify(isPlain ? String(value) : example)}), not ${call}(${shown(value)})`;
}

/** A short name of any value, also of one that can't be converted to a string. */
function shown(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value).slice(0, 64);
  return Array.isArray(value) ? "an array" : "an object";
}
