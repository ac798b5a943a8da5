import type * as v from "valibot";
import type { ErrorReply } from "../util/errors.ts";
import type { Contract, EventDefinition, Fields, JoinDefinition, PushDefinition } from "./define.ts";

/*
 * Types that are inferred from contracts, for the server's handlers and for clients alike.
 */

type InferFields<F extends Fields> = v.InferOutput<v.ObjectSchema<F, undefined>>;
type Simplify<T> = { [K in keyof T]: T[K] } & {};
type UnionToIntersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void
  ? I
  : never;
/** On the wire an event of a room names it so. */
interface RoomField {
  documentId: string;
}

/** The event's own fields, as its handler gets them. */
export type OwnPayload<E extends EventDefinition> = InferFields<E["payload"]>;

/** What a client sends. */
export type Payload<E extends EventDefinition> = Simplify<
  (E extends { room: string } ? RoomField : unknown) & OwnPayload<E>
>;

/** What a handler returns, and what the acknowledgement has besides `ok`. */
export type Result<E extends EventDefinition> = E extends { reply: infer R extends Fields }
  ? InferFields<R>
  : void;

export type Reply<E extends EventDefinition> = ({ ok: true } & Result<E>) | ErrorReply;

/** A push's payload without the room's id: what the server's own code gives. */
export type OwnPush<P extends PushDefinition> = P["payload"] extends v.GenericSchema
  ? v.InferOutput<P["payload"]>
  : P["payload"] extends Fields
    ? InferFields<P["payload"]>
    : never;

/** What clients are sent. */
export type Push<P extends PushDefinition> = P extends { room: true }
  ? Simplify<RoomField & OwnPush<P>>
  : OwnPush<P>;

export type EventsOf<C extends Contract> = C extends {
  events: infer E extends Record<string, EventDefinition>;
}
  ? E
  : Record<never, never>;
export type PushesOf<C extends Contract> = C extends {
  pushes: infer P extends Record<string, PushDefinition>;
}
  ? P
  : Record<never, never>;

/** What contracts add to joining a room: to the request, or to the reply. */
export type JoinFields<C extends Contract, Part extends "payload" | "reply"> = UnionToIntersection<
  C extends { join: infer J extends JoinDefinition } ? InferFields<J[Part]> : Record<never, never>
>;

type Listener<E> = E extends EventDefinition
  ? E extends { reply: Fields }
    ? (payload: Payload<E>, acknowledge: (reply: Reply<E>) => void) => void
    : (payload: Payload<E>) => void
  : never;

/** Listener types for Socket.IO, as the official packages take them: what clients of these contracts may send. */
export type ClientToServerEvents<C extends Contract> = Simplify<
  UnionToIntersection<C extends Contract ? { [E in keyof EventsOf<C>]: Listener<EventsOf<C>[E]> } : never>
>;

/** What clients of these contracts are sent. Pushes that are recovered have an offset behind the payload. */
export type ServerToClientEvents<C extends Contract> = Simplify<
  UnionToIntersection<C extends Contract ? { [P in keyof PushesOf<C>]: PushListener<PushesOf<C>[P]> } : never>
>;
type PushListener<P> = P extends PushDefinition ? (payload: Push<P>, offset?: string) => void : never;
