import type * as v from "valibot";

/** What a user may do in a room. A user who may write may read. */
export type Action = "read" | "write";

/** Fields of a payload or of a reply, by name. */
export type Fields = v.ObjectEntries;

/** What a client may send. One object of fields, and an acknowledgement where a reply is defined. */
export type EventDefinition = {
  /** A line for the reference at /docs. */
  summary: string;
  /** The event's own fields. An event of a room has the room's id besides them: `documentId` on the wire. */
  payload: Fields;
  /**
   * What the acknowledgement has besides `ok: true`: of what the handler returns, these fields alone are sent. An event
   * without a reply is acknowledged with `ok: true` alone, to a client that asks for it.
   */
  reply?: Fields;
  /**
   * `exclusive`: done before the sender's next event starts. `in-turn` (if left out): starts after the one before.
   * `lossy`: starts at once, and so may overtake the sender's other events: for a value that the next one replaces. The
   * server drops none of them, but may refuse one that is past a rate limit, as it refuses any event.
   */
  order?: "exclusive" | "in-turn" | "lossy";
} & (
  | {
      /** `joined`: of a room that the sender is a member of. `named`: of any room. Left out: of no room. */
      room: "joined" | "named";
      /** The permission that the sender must have for the room; none if left out. */
      needs?: Action;
    }
  // Users have permissions for rooms: without a room there is nothing to look up.
  | { room?: undefined; needs?: undefined }
);

/**
 * What clients are sent. Its schemas say what is published, and are not applied to it: no transformations, no dates, and
 * nothing else that JSON and MessagePack don't keep.
 */
export type PushDefinition = {
  /** A line for the reference at /docs. */
  summary: string;
  /** Sent to a member whose connection broke, when it connects again; false for what the next push replaces. */
  recover: boolean;
  /**
   * Beyond its shape: whether clients survive what another replica sent, which may be of another version. The feature
   * publishes nothing that does not pass.
   */
  check?: (payload: never) => boolean;
} & (
  | {
      /** To the members of a room, whose id the payload on the wire has besides these fields. */
      room: true;
      payload: Fields;
      /** Whether backends may send it over HTTP, to the members of a room. */
      backends?: true | undefined;
    }
  | {
      room?: undefined;
      /** Fields, or a schema for anything else: a number, a text, a list. */
      payload: Fields | v.GenericSchema;
      backends?: undefined;
    }
);

/** A field that may be left out. */
export type OptionalField = v.GenericSchema & { readonly type: "optional" | "exact_optional" | "nullish" };

/** What a feature adds to joining a room: fields of the request, and of the reply. */
export interface JoinDefinition {
  /** For the reference at /docs: what the fields are for. */
  summary: string;
  /** Each may be left out: a client that does not know the feature, such as one by `joinRoom`, sends none. */
  payload: Record<string, OptionalField>;
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

/** A field that a definition has and does not know is an error where the definition stands. */
type NoOthers<T, Known> = { [K in Exclude<keyof T, keyof Known>]: never };
type EachOf<T, Known> = { [E in keyof T]: NoOthers<T[E], Known> };
type Known<D extends ContractDefinition> = NoOthers<D, ContractDefinition> & {
  events?: EachOf<D["events"], EventDefinition>;
  pushes?: EachOf<D["pushes"], PushDefinition>;
};

/** Each event and push is said here once: types, validation, limits, recovery and the reference follow from it. */
export function defineContract<const Name extends string, const D extends ContractDefinition>(
  name: Name,
  definition: D & Known<D>,
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

/** The features of an app, in the order of the alphabet. @param exported the module src/features.ts. */
export function listFeatures(exported: Readonly<Record<string, Feature>>): readonly Feature[] {
  return Object.values(exported);
}
