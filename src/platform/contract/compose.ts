import * as v from "valibot";
import { StartupError } from "../util/errors.ts";
import { createOwnership } from "../util/ownership.ts";
import { checkContract, isSchema, roomField } from "./check.ts";
import type { Contract, EventDefinition, Fields, JoinDefinition, PushDefinition } from "./define.ts";
import { pickFields } from "./pick.ts";
import { roomIdSchema } from "./room-id.ts";
import { NotSendable, shapeOf, wrongField } from "./shape.ts";

export { roomField };
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
  /** What the acknowledgement has of what a handler returned: the fields of the reply alone. */
  pickReply: (result: unknown) => object;
}

export interface ComposedPush {
  name: string;
  /** The name of the feature that defines it. */
  feature: string;
  namespace: string;
  definition: PushDefinition;
  /** Of the payload on the wire. */
  schema: v.GenericSchema;
  /** Whether the payload is of the shape that is defined: asked of all that is published. */
  isShaped: (payload: unknown) => boolean;
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
 * @throws {StartupError} when two features have the same name or define the same, or one defines what can't be.
 */
export function composeContracts(contracts: readonly Contract[]): ComposedContract {
  const events = new Map<string, ComposedEvent>();
  const pushes = new Map<string, ComposedPush>();
  const own = createOwnership((name, other, owner) =>
    other === owner
      ? `Two features have the name "${owner}": rename one of them.`
      : `Features ${other} and ${owner} both define "${name}": rename one of them.`,
  );
  for (const contract of contracts) {
    checkContract(contract);
    const { name, join, events: { [joinEvent]: event } = {} } = contract;
    own(`feature ${name}`, name);
    for (const part of ["payload", "reply"] as const)
      for (const field of Object.keys({ ...event?.[part], ...join?.[part] }))
        own(`${joinEvent}, ${part}: ${field}`, name);
  }
  const joins = contracts.flatMap(({ join }) => join ?? []);
  for (const { name: feature, namespace = "/", ...contract } of contracts) {
    for (const [name, event] of Object.entries(contract.events ?? {})) {
      own(name, feature);
      const definition = name === joinEvent ? joined(event, joins) : event;
      events.set(name, {
        name,
        feature,
        namespace,
        definition,
        order: definition.order ?? "in-turn",
        schema: v.object(withRoom(definition.payload, definition.room !== undefined)),
        reply: definition.reply && v.object(definition.reply),
        pickReply: pickFields(definition.reply),
      });
    }
    for (const [name, definition] of Object.entries(contract.pushes ?? {})) {
      own(name, feature);
      const schema = schemaOf(definition);
      const isShaped = sendable(`Feature ${feature}: push ${name}`, schema);
      const { check } = definition;
      pushes.set(name, {
        name,
        feature,
        namespace,
        definition,
        schema,
        isShaped,
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

/** Whether clients of this version can be sent what another replica sent to a namespace. */
export function isSoundPush(
  { pushes }: ComposedContract,
  name: string,
  payload: unknown,
  namespace: string,
): boolean {
  const push = pushes.get(name);
  return push?.namespace === namespace && push.isSound(payload);
}

/**
 * Refuses what other replicas would drop, although members here would get it.
 *
 * @throws {TypeError} that names the push and the field.
 */
export function checkPublished({ pushes }: ComposedContract, name: string, payload: unknown): void {
  const push = pushes.get(name);
  if (push?.isShaped(payload)) return;
  throw new TypeError(
    push ? `push "${name}": ${wrongField(push.schema, payload)}` : `no contract defines the push "${name}"`,
  );
}

/** @throws {StartupError} for a push that members on this replica and on others would not get alike. */
function sendable(what: string, schema: v.GenericSchema): (payload: unknown) => boolean {
  try {
    return shapeOf(schema);
  } catch (error) {
    if (error instanceof NotSendable) throw new StartupError(`${what}: ${error.message}.`);
    throw error;
  }
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
