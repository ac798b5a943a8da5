import type * as v from "valibot";

/** What a user may do in a room. A user who may write may read. */
export type Action = "read" | "write";

/** Fields of a payload or of a reply, by name. */
export type Fields = v.ObjectEntries;

/** What a client may send. One object of fields, and an acknowledgement where a reply is defined. */
export interface EventDefinition {
  /** A line for the reference at /docs. */
  summary: string;
  /** The event's own fields. An event of a room has the room's id besides them: `documentId` on the wire. */
  payload: Fields;
  /** What the acknowledgement has besides `ok: true`. An event without a reply is not acknowledged. */
  reply?: Fields;
  /** `joined`: of a room that the sender is a member of. `named`: of any room. Left out: of no room. */
  room?: "joined" | "named";
  /** The permission that the sender must have for the room; none if left out. */
  needs?: Action;
  /**
   * `exclusive`: done before the sender's next event starts. `in-turn` (if left out): starts after the one before.
   * `lossy`: starts at once, and so may overtake the sender's other events: for a value that the next one replaces. The
   * server drops none of them, but may refuse one for a limit, as any event.
   */
  order?: "exclusive" | "in-turn" | "lossy";
}

/** What clients are sent. */
export interface PushDefinition {
  /** A line for the reference at /docs. */
  summary: string;
  /** Fields, or a schema for anything else: a number, a text, a list. */
  payload: Fields | v.GenericSchema;
  /** To the members of a room: the payload is fields, and has the room's id besides them. */
  room?: true;
  /** Sent to a member whose connection broke, when it connects again; false for what the next push replaces. */
  recover: boolean;
  /** Whether backends may send it over HTTP, to the members of a room. */
  backends?: true;
  /** Beyond its shape: whether clients survive what another replica sent, which may be of another version. */
  check?: (payload: never) => boolean;
}

/** What a feature adds to joining a room: fields of the request, and of the reply. */
export interface JoinDefinition {
  /** For the reference at /docs: what the fields are for. */
  summary: string;
  payload: Fields;
  reply: Fields;
}

export interface ContractDefinition {
  /** The Socket.IO namespace of its events; `/` if left out. */
  namespace?: string;
  events?: Record<string, EventDefinition>;
  pushes?: Record<string, PushDefinition>;
  join?: JoinDefinition;
}

/** Everything that server and clients share of one feature. */
export interface Contract extends ContractDefinition {
  /** The feature's name. */
  name: string;
}

/** Each event and push is said here once: types, validation, limits, recovery and the reference follow from it. */
export function defineContract<const Name extends string, const D extends ContractDefinition>(
  name: Name,
  definition: D,
): D & { name: Name } {
  return { ...definition, name };
}

/** A feature as an app lists it: its contract, and its server, which `createApp` makes. */
export interface Feature<C extends Contract = Contract> {
  contract: C;
  /** Environment variables, each with its schema. */
  settings?: Fields;
  /** The module of the feature's part of the demo page, bundled for browsers: see src/web/part.ts. */
  page?: URL;
  /** Made by `defineFeature`; known to the platform alone, so that a client can have the type of a feature. */
  create: unknown;
}
