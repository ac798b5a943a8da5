import * as v from "valibot";
import { StartupError } from "../util/errors.ts";
import type {
  Contract,
  ContractDefinition,
  EventDefinition,
  JoinDefinition,
  PushDefinition,
} from "./define.ts";
import { checkEventName, checkFeatureName, checkFieldName, checkNamespace, nearest } from "./names.ts";

/*
 * What types don't refuse in a contract, or only for those who use them: checked when an app is composed.
 */

/** How an event names its room on the wire. */
export const roomField = "documentId";

/** A schema that checks at once: the pipeline does not wait for one. */
export function isSchema(value: unknown): value is v.GenericSchema {
  const { kind, async } = (value ?? {}) as { kind?: unknown; async?: unknown };
  return kind === "schema" && async === false;
}

const schema = v.custom<v.GenericSchema>(isSchema, "expected a schema of valibot, and none that is async");
const fields = v.record(v.string(), schema);
const action = v.picklist(["read", "write"]);

const known = {
  contract: v.strictObject({
    name: v.string(),
    namespace: v.optional(v.string()),
    events: v.optional(v.looseObject({})),
    pushes: v.optional(v.looseObject({})),
    join: v.optional(v.looseObject({})),
  } satisfies Record<keyof Contract, v.GenericSchema>),
  event: v.strictObject({
    summary: v.string(),
    payload: fields,
    reply: v.optional(fields),
    room: v.optional(v.picklist(["joined", "named"])),
    needs: v.optional(action),
    order: v.optional(v.picklist(["exclusive", "in-turn", "lossy"])),
  } satisfies Record<keyof EventDefinition, v.GenericSchema>),
  push: v.strictObject({
    summary: v.string(),
    payload: v.union([schema, fields], "expected fields, each a schema of valibot, or a schema"),
    room: v.optional(v.literal(true)),
    recover: v.boolean(),
    backends: v.optional(v.literal(true)),
    check: v.optional(v.function()),
  } satisfies Record<keyof PushDefinition, v.GenericSchema>),
  join: v.strictObject({
    summary: v.string(),
    payload: fields,
    reply: fields,
  } satisfies Record<keyof JoinDefinition, v.GenericSchema>),
};

/** @throws {StartupError} that names the feature, the event or push, and the field. */
export function checkContract(contract: Contract): void {
  const { name: feature, namespace = "/", events = {}, pushes = {}, join } = contract;
  checkFeatureName(feature);
  checkKnown("contract", `Feature ${feature}: the contract`, contract);
  checkNamespace(feature, namespace);
  if (namespace !== "/" && speaksOfRooms(contract))
    throw new StartupError(
      `Feature ${feature}: rooms have members in the namespace / alone, not in ${namespace}.`,
    );
  for (const [name, event] of Object.entries(events)) {
    checkEventName(`Feature ${feature}: event`, name);
    checkEvent(`Feature ${feature}: event ${name}`, event);
  }
  for (const [name, push] of Object.entries(pushes)) {
    checkEventName(`Feature ${feature}: push`, name);
    checkPush(`Feature ${feature}: push ${name}`, push);
  }
  if (join) checkJoin(`Feature ${feature}: join`, join);
}

function checkEvent(what: string, event: EventDefinition): void {
  checkKnown("event", what, event);
  checkFields(what, event.payload, event.room ? [roomField] : []);
  checkReply(what, event.reply);
  if (event.needs && !event.room)
    throw new StartupError(
      `${what} needs a permission, which users have for a room, but has no room: add room, or leave needs out.`,
    );
}

function checkPush(what: string, push: PushDefinition): void {
  checkKnown("push", what, push);
  const { payload, room, backends } = push;
  if (backends && !room)
    throw new StartupError(
      `${what}: backends publish to the members of a room; add room: true, or leave backends out.`,
    );
  if (!isSchema(payload)) checkFields(what, payload, room ? [roomField] : []);
  else if (room)
    throw new StartupError(
      `${what} has room: true, so its payload is fields, to which the room's id is added; it is a schema.`,
    );
}

function checkJoin(what: string, join: JoinDefinition): void {
  checkKnown("join", what, join);
  checkFields(what, join.payload, [roomField]);
  checkReply(what, join.reply);
  // A client that does not know the feature, such as `joinRoom`, sends none of its fields.
  const { success, issues } = v.safeParse(v.object(join.payload), {});
  if (!success)
    throw new StartupError(
      `${what}: the field "${v.getDotPath(issues[0])}" of the payload must be optional: clients join without it.`,
    );
}

function checkReply(what: string, reply: object = {}): void {
  // The acknowledgement's own, by which a client tells a refusal.
  checkFields(`${what}: the reply`, reply, ["ok", "error"]);
}

function checkFields(what: string, all: object, taken: readonly string[]): void {
  for (const name of Object.keys(all)) {
    checkFieldName(what, name);
    if (taken.includes(name))
      throw new StartupError(
        `${what} has a field "${name}", which is ${name === roomField ? "the room's" : "the platform's"}: leave it out, or rename it.`,
      );
  }
}

function checkKnown(kind: keyof typeof known, what: string, definition: unknown): void {
  const { issues } = v.safeParse(known[kind], definition, { abortEarly: true });
  const [issue] = issues ?? [];
  if (!issue) return;
  const path = v.getDotPath(issue) ?? "";
  const isUnknown = issue.type === "strict_object" && path !== "";
  const names = Object.keys(known[kind].entries);
  throw new StartupError(
    isUnknown && !names.includes(path)
      ? `${what} has an unknown field "${path}"; do you mean "${nearest(path, names)}"?`
      : `${what}: ${path || kind}: ${isUnknown ? "is missing" : issue.message}.`,
  );
}

function speaksOfRooms({ join, events = {}, pushes = {} }: ContractDefinition): boolean {
  return join !== undefined || [...Object.values(events), ...Object.values(pushes)].some(({ room }) => room);
}
