import type { Hono } from "hono";
import type * as v from "valibot";
import type { Access } from "./auth/access.ts";
import type { Answers } from "./http/answers.ts";
import type { HttpEnv } from "./http/env.ts";
import type { Observability } from "./observability/metrics.ts";
import type { Limits } from "./limits/limits.ts";
import type { Handle } from "./gateway/pipeline.ts";
import type { AllRooms } from "./gateway/rooms.ts";
import type { Handlers, RoomSender, Rooms } from "./gateway/handlers.ts";
import type { SharedServices } from "./redis/cluster.ts";
import type { Runtime } from "./runtime/contract.ts";
import type { Database } from "./storage/sqlite.ts";
import type { Contract, Feature, Fields } from "./contract/define.ts";
import type { RoomId } from "./contract/room-id.ts";
import type { EventsOf, JoinFields } from "./contract/types.ts";

/** What the platform gives a feature. */
export interface Services<C extends Contract, S extends Fields> {
  /** Sends the pushes of this contract, and gets those that other replicas published. */
  rooms: Rooms<C>;
  /** What a user may do in a room. The platform has checked an event's `needs` already. */
  access: Access;
  /** The limits of clients, for work that costs more than an event. */
  limits: Limits;
  /** This replica's own file. The tables of a feature begin with its name. */
  database: Database;
  /** Redis, which all replicas share; undefined without Redis in the settings. docs/guides/keep-data.md uses both. */
  shared: SharedServices | undefined;
  /** For large answers over HTTP. */
  answers: Answers;
  runtime: Pick<Runtime, "startScript">;
  observability: Observability;
  /** The feature's own settings, as its schemas gave them. */
  settings: v.InferOutput<v.ObjectSchema<S, undefined>>;
  /** Bytes that a binary field of an event, or the body of a request, may have: MAX_UPDATE_BYTES. */
  maxUpdateBytes: number;
}

/** One function for each event; a missing one is an error of types. */
type WithHandlers<C extends Contract> = keyof EventsOf<C> extends never
  ? { handlers?: Record<never, never> }
  : { handlers: Handlers<C> };

/** What a feature gives the platform. */
export type FeatureServer<C extends Contract> = WithHandlers<C> & {
  /** Called before a client becomes a member of a room. @throws {Refusal} when the client may not become one now. */
  checkJoin?: (sender: RoomSender, payload: JoinFields<C, "payload">) => void;
  /** What the feature adds to the reply of a join. The sender is a member already; if this throws, it is removed again. */
  join?: (
    sender: RoomSender,
    payload: JoinFields<C, "payload">,
  ) => Promise<JoinFields<C, "reply">> | JoinFields<C, "reply">;
  /** Called when the last member of a room that is connected to this replica has left. */
  onEmpty?: (room: RoomId) => void;
  /** Routes below `/api`. */
  routes?: Hono<HttpEnv>;
  /** Called when the server stops, after the last connection has ended; Redis and the file can still be used. */
  stop?: () => void | Promise<void>;
};

/** A feature's server side. `settings` are environment variables, each with its schema; `page` is as in `Feature`. */
export function defineFeature<C extends Contract, const S extends Fields = Record<never, never>>(feature: {
  contract: C;
  settings?: S;
  page?: URL;
  create: (services: Services<C, S>) => FeatureServer<C>;
}): Feature<C> {
  return feature;
}

type Given = Omit<Services<Contract, Fields>, "rooms" | "settings"> & { rooms: AllRooms };

/** The server side of each feature. @param settings of each feature, by its name. */
export function createFeatures(
  features: readonly Feature[],
  settings: Readonly<Record<string, object>>,
  given: Given,
): FeatureServer<Contract>[] {
  return features.map(({ contract, create }) => {
    const rooms = given.rooms.of(contract, given.shared);
    const services = { ...given, rooms, settings: settings[contract.name] ?? {} };
    return (create as (services: unknown) => FeatureServer<Contract>)(services);
  });
}

/** The handlers of all events, by name. */
export function handlersOf(servers: readonly { handlers?: object }[]): Map<string, Handle> {
  return new Map(servers.flatMap(({ handlers }) => Object.entries(handlers ?? {}) as [string, Handle][]));
}
