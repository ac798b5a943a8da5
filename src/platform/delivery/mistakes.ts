import type { BroadcastOptions } from "socket.io-adapter";

/** Rooms that one call may name: other replicas take no message with more (src/platform/redis/messages.ts). */
export const maxRooms = 10_000;

/** What a call names: its rooms, and those of the receivers that are left out. */
export type Targets = Pick<BroadcastOptions, "rooms"> & { except?: BroadcastOptions["except"] };

/*
 * Refuses what the app can't mean, or what other replicas would drop, at the line of the app that asks for it, and
 * alike with and without Redis.
 */

/** @throws {TypeError} for an event name that is no string: other replicas would drop it. */
export function checkEventName(call: string, name: unknown): void {
  if (typeof name !== "string")
    throw new TypeError(`event names are strings: ${advice(call, name, "an event")}`);
}

/** @throws {TypeError | RangeError} for rooms that a call names. */
export function checkTargets({ rooms, except }: Targets): void {
  checkCount("to", rooms.size);
  checkRooms("io.to", rooms);
  if (except === undefined) return;
  checkCount("except", except.size);
  checkRooms("io.except", except);
}

/** @throws {TypeError | RangeError} for a list of rooms to join or to leave. */
export function checkRoomList(call: string, rooms: readonly unknown[]): void {
  checkCount(call, rooms.length);
  checkRooms(call, rooms);
}

function checkCount(call: string, count: number): void {
  if (count > maxRooms)
    throw new RangeError(`${call}: ${count} rooms, at most ${maxRooms} at once; name them in several calls`);
}

/** @throws {TypeError} for a room that is no string. */
export function checkRooms(call: string, rooms: Iterable<unknown>): void {
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
