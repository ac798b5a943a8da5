import type { BroadcastOptions } from "socket.io-adapter";
import { type ComposedContract, checkPublished, roomField } from "../contract/compose.ts";
import type { Contract } from "../contract/define.ts";
import { type RoomId, asRoomId } from "../contract/room-id.ts";
import { createMemoryOnce } from "../limits/idempotency.ts";
import { SpanKind, traced } from "../observability/tracing.ts";
import type { PublishOptions, Rooms } from "./handlers.ts";
import type { PlatformNamespace, PlatformServer, PlatformSocket } from "./socket.ts";

const prefix = "document:";

/** Where pushes come from that other replicas published. */
export interface RemotePushes {
  onRemote: (listener: (push: { event: string; payload: unknown }) => void) => () => void;
}

/** The Socket.IO room of a room's members. */
export function socketRoom(room: RoomId): string {
  return prefix + room;
}

/** The room of a user's connections. */
export function userRoom(userId: string): string {
  return `user:${userId}`;
}

/** The room of a Socket.IO room; undefined for others. Those are the app's, too: of any name, and of any type. */
export function roomOf(socketRoom: unknown): RoomId | undefined {
  return typeof socketRoom === "string" && socketRoom.startsWith(prefix)
    ? asRoomId(socketRoom.slice(prefix.length))
    : undefined;
}

export function joinedRooms(socket: PlatformSocket): RoomId[] {
  return [...socket.rooms].flatMap((each) => roomOf(each) ?? []);
}

/**
 * Rooms, as every feature uses them; what each may send is a matter of types. A payload that is not of its push's shape
 * is a TypeError at the line of the feature: members here would get it, and other replicas drop it.
 */
export function createRooms(io: PlatformServer, contract: ComposedContract) {
  const main = io.of("/");
  const keys = createMemoryOnce<boolean>();

  async function broadcast(
    namespace: PlatformNamespace,
    rooms: string[],
    push: string,
    payload: unknown,
    { except, once }: PublishOptions,
  ): Promise<boolean> {
    const options = {
      rooms: new Set(rooms),
      except: new Set(except === undefined ? [] : [except]),
      flags: once === undefined ? {} : { once },
    };
    const packet = { type: 2, data: [push, payload] };
    // The adapters of this project return a promise here; Socket.IO's types say void.
    const send = (): unknown => namespace.adapter.broadcast(packet, options as BroadcastOptions);
    const attributes = () => ({ "messaging.destination.name": rooms[0] ?? namespace.name });
    return (await traced(`publish ${push}`, { kind: SpanKind.PRODUCER, attributes }, send)) as boolean;
  }

  // This replica knows the keys that came through it; another replica's are noticed where it is published.
  const broadcastOnce: typeof broadcast = (namespace, to, push, payload, options) => {
    const send = () => broadcast(namespace, to, push, payload, options);
    return options.once === undefined ? send() : keys.do(options.once, send);
  };

  function addressed(room: RoomId, push: string, payload: object): object {
    const message = { [roomField]: room, ...payload };
    checkPublished(contract, push, message);
    return message;
  }

  const publish = (room: RoomId, push: string, payload: object, options: PublishOptions = {}) =>
    broadcastOnce(main, [socketRoom(room)], push, addressed(room, push, payload), options);

  const rooms = {
    publish,
    pushHere(room: RoomId, push: string, payload: object): void {
      io.local.to(socketRoom(room)).emit(push as "receive-presence", addressed(room, push, payload) as never);
    },
    hasMembersHere: (room: RoomId): boolean => main.adapter.rooms.has(socketRoom(room)),
  };

  return {
    ...rooms,
    /**
     * The same, typed for one contract; what is of no room goes to the contract's namespace.
     * @param remote undefined without Redis.
     */
    of<C extends Contract>({ namespace = "/" }: C, remote?: RemotePushes): Rooms<C> {
      const publishToAll = (push: string, payload: unknown, options: PublishOptions = {}) => {
        checkPublished(contract, push, payload);
        return broadcastOnce(io.of(namespace), [], push, payload, options);
      };
      const onRemote = (push: string, listener: (room: RoomId, payload: object) => void) =>
        remote?.onRemote(({ event, payload }) => {
          if (event !== push) return;
          const { [roomField]: room, ...own } = payload as { [roomField]: string };
          listener(asRoomId(room), own);
        }) ?? (() => {});
      return { ...rooms, publishToAll, onRemote } as unknown as Rooms<C>;
    },
    /** Rooms with members here, and how many. */
    sizes(): Record<string, number> {
      const sizes: [string, number][] = [];
      for (const [name, members] of main.adapter.rooms) {
        const room = roomOf(name);
        if (room !== undefined) sizes.push([room, members.size]);
      }
      // Not by assignment: a room may be called `__proto__`.
      return Object.fromEntries(sizes);
    },
    /** Told when the last member here has left. */
    onEmpty(listener: (room: RoomId) => void): void {
      main.adapter.on("delete-room", (name: string) => {
        const room = roomOf(name);
        if (room !== undefined) listener(room);
      });
    },
  };
}

export type AllRooms = ReturnType<typeof createRooms>;
