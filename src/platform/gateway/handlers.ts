import type { User } from "../auth/user.ts";
import type { Contract, EventDefinition, PushDefinition } from "../contract/define.ts";
import type { EventsOf, OwnPayload, OwnPush, PushesOf, Result } from "../contract/types.ts";
import type { RoomId } from "../contract/room-id.ts";
import type { PlatformSocket } from "./socket.ts";

/** Who sent an event. */
export interface Sender {
  /** As a checked token has it; undefined when the server is open. */
  user: User | undefined;
  /** What other users are shown: the token's name, or the one that the client chose. */
  name: string;
  /** The connection, for what the rest does not cover. */
  socket: PlatformSocket;
}
/** Who sent an event of a room. */
export interface RoomSender extends Sender {
  room: RoomId;
}

type SenderOf<E> = E extends { room: string } ? RoomSender : Sender;

/** One function for each event of a contract. What it returns is acknowledged; it throws a `Refusal` to refuse. */
export type Handlers<C extends Contract> = {
  [E in keyof EventsOf<C>]: EventsOf<C>[E] extends infer D extends EventDefinition
    ? (sender: SenderOf<D>, payload: OwnPayload<D>) => Result<D> | Promise<Result<D>>
    : never;
};

type RoomPushes<C extends Contract> = {
  [P in keyof PushesOf<C>]: PushesOf<C>[P] extends { room: true } ? P : never;
}[keyof PushesOf<C>] &
  string;

type PushesToAll<C extends Contract> = Exclude<keyof PushesOf<C>, RoomPushes<C>> & string;

type OwnPushOf<C extends Contract, P extends keyof PushesOf<C>> = PushesOf<C>[P] extends infer D extends
  PushDefinition
  ? OwnPush<D>
  : never;

export interface PublishOptions {
  /** The id of a socket that is left out. */
  except?: string;
  /**
   * A key: what has one is delivered once within ten minutes, however often and on whichever replica it is published.
   * All features share the keys, and the chat's begin with a room's id: begin yours with the feature's name and a slash,
   * which no room's id has, such as `polls/${room}/${id}`.
   */
  once?: string;
}

/** Rooms, as one feature may use them: it sends what its contract defines. */
export interface Rooms<C extends Contract> {
  /**
   * Sends a push to the members of a room, on every replica. Resolves when the push is published, or kept to be while
   * Redis is down: unlike `io.to(room).emit` it tells when the push would survive this process.
   *
   * @returns false when only members here got it, and no others will: what is not recovered, while Redis is down.
   */
  publish<P extends RoomPushes<C>>(
    room: RoomId,
    push: P,
    payload: OwnPushOf<C, P>,
    options?: PublishOptions,
  ): Promise<boolean>;
  /**
   * Sends a push that is of no room to all clients of the contract's namespace, on every replica. Resolves as `publish`.
   */
  publishToAll<P extends PushesToAll<C>>(
    push: P,
    payload: OwnPushOf<C, P>,
    options?: PublishOptions,
  ): Promise<boolean>;
  /**
   * Calls `listener` for each of these pushes that another replica published to a room, also to a room without members
   * here, before members get it. It is checked for its shape alone. Never called without Redis. To read what was missed
   * while this replica was stopped is the feature's part.
   *
   * @returns what stops it.
   */
  onRemote<P extends RoomPushes<C>>(
    push: P,
    listener: (room: RoomId, payload: OwnPushOf<C, P>) => void,
  ): () => void;
  /** Sends a push to the members that are connected to this replica. */
  pushHere<P extends RoomPushes<C>>(room: RoomId, push: P, payload: OwnPushOf<C, P>): void;
  /** Whether the room has members that are connected to this replica. */
  hasMembersHere(room: RoomId): boolean;
}
