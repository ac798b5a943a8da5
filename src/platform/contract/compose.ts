import * as v from "valibot";
import { StartupError } from "../util/errors.ts";
import { createOwnership } from "../util/ownership.ts";
import type {
  Contract,
  ContractDefinition,
  EventDefinition,
  Fields,
  JoinDefinition,
  PushDefinition,
} from "./define.ts";
import { roomIdSchema } from "./room-id.ts";
import { shapeOf } from "./shape.ts";

/** How an event names its room on the wire. */
export const roomField = "documentId";
/** The event by which a client becomes a member of a room; features add fields to it. */
export const joinEvent = "join-document";

export interface ComposedEvent extends Required<Pick<EventDefinition, "order">> {
  name: string;
  /** The name of the feature that defines it. */
  feature: string;
  namespace: string;
  definition: EventDefinition;
  /** Of the payload on the wire. */
  schema: v.GenericSchema<unknown, object>;
  /** Of the acknowledgement, besides `ok`. */
  reply: v.GenericSchema | undefined;
}

export interface ComposedPush {
  name: string;
  /** The name of the feature that defines it. */
  feature: string;
  namespace: string;
  definition: PushDefinition;
  /** Of the payload on the wire. */
  schema: v.GenericSchema;
  /** Whether another replica may have sent this: it may be of another version. */
  isSound: (payload: unknown) => boolean;
}

/** All events and pushes of an app, by name. */
export interface ComposedContract {
  events: ReadonlyMap<string, ComposedEvent>;
  pushes: ReadonlyMap<string, ComposedPush>;
}

/**
 * Everything of a contract and of others.
 *
 * @throws {StartupError} when two features have the same name or define the same, or one uses rooms in a namespace that has none.
 */
export function composeContracts(contracts: readonly Contract[]): ComposedContract {
  const events = new Map<string, ComposedEvent>();
  const pushes = new Map<string, ComposedPush>();
  const own = createOwnership((name, other, owner) =>
    other === owner
      ? `Two features have the name "${owner}": rename one of them.`
      : `Features ${other} and ${owner} both define "${name}": rename one of them.`,
  );
  for (const { name, join, events: { [joinEvent]: event } = {} } of contracts) {
    own(`feature ${name}`, name);
    for (const part of ["payload", "reply"] as const)
      for (const field of Object.keys({ ...event?.[part], ...join?.[part] }))
        own(`${joinEvent}, ${part}: ${field}`, name);
  }
  const joins = contracts.flatMap(({ join }) => join ?? []);
  for (const { name: feature, namespace = "/", ...contract } of contracts) {
    if (namespace !== "/" && speaksOfRooms(contract))
      throw new StartupError(
        `Feature ${feature}: rooms have members in the namespace / alone, not in ${namespace}.`,
      );
    for (const [name, event] of Object.entries(contract.events ?? {})) {
      own(name, feature);
      if (event.room && Object.hasOwn(event.payload, roomField))
        throw new StartupError(fieldOfRoom(feature, name));
      const definition = name === joinEvent ? joined(event, joins) : event;
      events.set(name, {
        name,
        feature,
        namespace,
        definition,
        order: definition.order ?? "in-turn",
        schema: v.object(withRoom(definition.payload, definition.room !== undefined)),
        reply: definition.reply && v.object(definition.reply),
      });
    }
    for (const [name, definition] of Object.entries(contract.pushes ?? {})) {
      own(name, feature);
      if (definition.room && Object.hasOwn(definition.payload, roomField))
        throw new StartupError(fieldOfRoom(feature, name));
      const schema = schemaOf(definition);
      const isShaped = shapeOf(schema);
      const { check } = definition;
      pushes.set(name, {
        name,
        feature,
        namespace,
        definition,
        schema,
        isSound: check ? (payload) => isShaped(payload) && check(payload as never) : isShaped,
      });
    }
  }
  return { events, pushes };
}

/** Pushes that are not kept for members who are away: what they bring is made up for by itself. */
export function selfHealingPushes({ pushes }: ComposedContract): ReadonlySet<string> {
  return new Set([...pushes.values()].flatMap(({ name, definition }) => (definition.recover ? [] : [name])));
}

/** Whether clients of this version can be sent what another replica sent. */
export function isSoundPush({ pushes }: ComposedContract, name: string, payload: unknown): boolean {
  return pushes.get(name)?.isSound(payload) ?? false;
}

const fieldOfRoom = (feature: string, name: string) =>
  `Feature ${feature}: ${name} has a field "${roomField}", which is the room's: leave it out, or rename it.`;

function speaksOfRooms({ join, events = {}, pushes = {} }: ContractDefinition): boolean {
  return join !== undefined || [...Object.values(events), ...Object.values(pushes)].some(({ room }) => room);
}

function joined(event: EventDefinition, joins: readonly JoinDefinition[]): EventDefinition {
  return {
    ...event,
    summary: [event.summary, ...joins.map(({ summary }) => summary)].join(" "),
    payload: Object.assign({}, event.payload, ...joins.map(({ payload }) => payload)) as Fields,
    reply: Object.assign({}, event.reply, ...joins.map(({ reply }) => reply)) as Fields,
  };
}

function withRoom(fields: Fields, hasRoom: boolean): Fields {
  return hasRoom ? { [roomField]: roomIdSchema, ...fields } : fields;
}

function schemaOf({ payload, room }: PushDefinition): v.GenericSchema {
  return isSchema(payload) ? payload : v.object(withRoom(payload, room === true));
}

function isSchema(payload: PushDefinition["payload"]): payload is v.GenericSchema {
  return "~run" in payload && typeof payload["~run"] === "function";
}
