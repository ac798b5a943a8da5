import type { Hono } from "hono";
import type * as v from "valibot";
import type { Access } from "./auth/access.ts";
import type { Answers } from "./http/answers.ts";
import type { HttpEnv } from "./http/env.ts";
import type { Logger } from "./observability/log.ts";
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
import type { Closing } from "./util/closing.ts";
import { StartupError, errorMessage } from "./util/errors.ts";

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
  checkJoin?: (sender: RoomSender, payload: JoinFields<C, "payload">) => void | Promise<void>;
  /** What the feature adds to the reply of a join. The sender is a member already; if this throws, it is removed again. */
  join?: (
    sender: RoomSender,
    payload: JoinFields<C, "payload">,
  ) => Promise<JoinFields<C, "reply">> | JoinFields<C, "reply">;
  /** Called when the last member of a room that is connected to this replica has left. What it throws is logged. */
  onEmpty?: (room: RoomId) => void;
  /** Routes below `/api`. Its middleware runs for these routes alone. */
  routes?: Hono<HttpEnv>;
  /**
   * Called when the server stops, after the last connection has ended. Redis and the file are closed after it, or when it
   * took longer than 5 s.
   */
  stop?: () => void | Promise<void>;
};

/** Environment variables, each with its schema: of text, or of text or nothing. */
export type Settings = Record<string, v.GenericSchema<string | undefined, unknown>>;

/** A feature's server side; `page` is as in `Feature`. */
export function defineFeature<C extends Contract, const S extends Settings = Record<never, never>>(feature: {
  contract: C;
  settings?: S;
  page?: URL;
  create: (services: Services<C, S>) => FeatureServer<C>;
}): Feature<C> {
  return feature;
}

type Given = Omit<Services<Contract, Fields>, "rooms" | "settings"> & { rooms: AllRooms };

/** A feature's server side in an app. */
export type RunningFeature = FeatureServer<Contract> & { readonly contract: Contract };

/**
 * The server side of each feature.
 *
 * @param settings of each feature, by its name, as `readConfig` gave them for the same features.
 * @param closing stops each that was made.
 * @throws {Error} with the feature's name, when its `create` throws; a {StartupError} when that is one, or when the
 * feature's settings were not read.
 */
export function createFeatures(
  features: readonly Feature[],
  settings: Readonly<Record<string, object>>,
  given: Given,
  closing: Closing,
): RunningFeature[] {
  return features.map((feature) => {
    const { name } = feature.contract;
    const services = {
      ...given,
      rooms: given.rooms.of(feature.contract, given.shared),
      settings: settingsOf(feature, settings),
    };
    const server = createServer(feature, services);
    closing.add(`feature ${name}`, () => server.stop?.());
    return isolate(feature, server, given.observability.log);
  });
}

function settingsOf(
  { contract: { name }, settings = {} }: Feature,
  all: Readonly<Record<string, object>>,
): object {
  if (Object.hasOwn(all, name)) return all[name] ?? {};
  if (Object.keys(settings).length === 0) return {};
  throw new StartupError(
    `Feature ${name}: its settings were not read. Give readConfig and createApp the same list: ` +
      "readConfig(env, features), createApp(config, { …, features }).",
  );
}

function createServer({ contract: { name }, create }: Feature, services: unknown): FeatureServer<Contract> {
  let server: unknown;
  try {
    server = (create as (services: unknown) => unknown)(services);
  } catch (cause) {
    const message = `Feature ${name} could not be created: ${errorMessage(cause)}`;
    throw cause instanceof StartupError
      ? new StartupError(message, { cause })
      : new Error(message, { cause });
  }
  if (typeof server !== "object" || server === null || server instanceof Promise)
    throw new StartupError(
      `Feature ${name}: its create must return the feature's server, an object, at once. What has to be awaited is ` +
        "awaited before the app is created, or in handlers.",
    );
  return server;
}

/** One feature's mistake must not keep the features after it from being called. */
function isolate({ contract }: Feature, server: FeatureServer<Contract>, log: Logger): RunningFeature {
  const failed = (err: unknown) => log.error({ feature: contract.name, err }, "a feature failed in onEmpty");
  const onEmpty = (room: RoomId): void => {
    try {
      const done: unknown = server.onEmpty?.(room);
      if (done instanceof Promise) done.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  return { ...server, contract, ...(server.onEmpty && { onEmpty }) };
}

/**
 * The handlers of all events, by name.
 *
 * @throws {StartupError} when an event has none, or a feature has one for an event that is not its own.
 */
export function handlersOf(all: readonly { contract: Contract; handlers?: object }[]): Map<string, Handle> {
  const handles = new Map<string, Handle>();
  for (const { contract, handlers: given = {} } of all) {
    const { name: feature, events = {} } = contract;
    const handlers = new Map<string, unknown>(Object.entries(given));
    for (const event of handlers.keys())
      if (!Object.hasOwn(events, event))
        throw new StartupError(
          `Feature ${feature} handles "${event}", which its contract does not define: features handle their own events alone.`,
        );
    for (const event of Object.keys(events)) {
      const handler = handlers.get(event);
      if (typeof handler !== "function")
        throw new StartupError(`Feature ${feature}: the event ${event} has no handler.`);
      handles.set(event, handler as Handle);
    }
  }
  return handles;
}
