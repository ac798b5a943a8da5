import type * as v from "valibot";
import { bytes } from "./values.ts";

type Check = (value: unknown) => boolean;

/** What of valibot's schemas is looked at. */
interface Known {
  type: string;
  expects: string;
  class?: unknown;
  entries?: Record<string, v.GenericSchema>;
  options?: unknown[];
  literal?: unknown;
  wrapped?: v.GenericSchema;
  item?: v.GenericSchema;
  items?: v.GenericSchema[];
  rest?: v.GenericSchema;
  value?: v.GenericSchema;
  getter?: (input: unknown) => v.GenericSchema;
  pipe?: Step[];
}
interface Step {
  kind: string;
  type: string;
}

/** Transformations of types alone. */
const typesAlone: ReadonlySet<string> = new Set(["brand", "flavor", "readonly"]);

/** What is said of a schema that can't be sent. */
export class NotSendable extends Error {}

const known = (schema: v.GenericSchema) => schema as unknown as Known;
const isText = (value: unknown) => ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
const isFinite: Check = (value) => Number.isFinite(value);

/**
 * A check of a value's shape alone, made from its schema: kinds of values, not lengths and patterns. It is done for
 * every push that is published, and for every push of other replicas: 0.3 to 0.9 us for a chat message (Node, Bun and
 * Deno, on a busy machine), a quarter of what `v.is` takes, and 0.2 us for a document's change of any size. It takes only
 * what JSON and MessagePack keep, so that members on this replica and on others get the same pushes.
 *
 * @param mayLack whether it is of a field: in a list, or in the place of the payload, `undefined` becomes null.
 * @throws {NotSendable} for a schema whose values change on their way to other replicas, with the field's path.
 */
export function shapeOf(schema: v.GenericSchema, path = "", mayLack = false): Check {
  const {
    type,
    entries = {},
    options = [],
    wrapped,
    item,
    items = [],
    rest,
    value: of,
    literal,
  } = known(schema);
  const refuse = (why: string): never => {
    throw new NotSendable(`${path === "" ? "the payload" : `the field "${path}"`} ${why}`);
  };
  if (isBytes(schema)) return (value) => value instanceof Uint8Array;
  for (const { kind, type: action } of stepsOf(schema))
    if (kind === "transformation" && !typesAlone.has(action))
      refuse(
        `is transformed (${action}): members would get what is published, not what the schema makes of it`,
      );
  const within = (name: string) => (path === "" ? name : `${path}.${name}`);
  const each = (schemas: readonly unknown[]) =>
    (schemas as v.GenericSchema[]).map((part) => shapeOf(part, path, mayLack));
  switch (type) {
    case "string":
    case "boolean":
      return (value) => typeof value === type;
    case "number":
      return isFinite;
    case "null":
      return (value) => value === null;
    case "undefined":
      return mayLack ? isUndefined : refuse("is undefined, which becomes null on its way: say v.null()");
    case "literal":
      return isText(literal)
        ? (value) => value === literal
        : refuse("is a literal that is no text, number or boolean");
    case "picklist":
    case "enum":
      return options.every(isText)
        ? (value) => options.includes(value)
        : refuse("has options that are no text, number or boolean");
    case "union":
    case "variant":
      return someOf(each(options));
    case "intersect": {
      const checks = each(options);
      return (value) => checks.every((check) => check(value));
    }
    case "optional":
    case "exact_optional":
    case "nullable":
    case "nullish": {
      const none: Check[] = [];
      if (type !== "nullable") none.push(isUndefined);
      if (type === "nullable" || type === "nullish") none.push((value) => value === null);
      if (type !== "nullable" && !mayLack)
        refuse("is optional but no field, so that undefined becomes null on its way: say v.nullable()");
      return someOf([...none, ...each([wrapped])]);
    }
    case "array":
      return listOf([], shapeOf(item as v.GenericSchema, within("0")));
    case "tuple":
    case "strict_tuple":
    case "loose_tuple":
    case "tuple_with_rest":
      return listOf(
        items.map((part, index) => shapeOf(part, within(String(index)))),
        rest ? shapeOf(rest, within(String(items.length))) : () => true,
      );
    case "object":
    case "strict_object":
    case "loose_object":
    case "object_with_rest":
      return objectOf(
        Object.entries(entries).map(([name, part]) => [name, shapeOf(part, within(name), true)] as const),
      );
    case "record": {
      const check = shapeOf(of as v.GenericSchema, within("*"), true);
      return (value) => isObject(value) && Object.values(value).every(check);
    }
    case "any":
    case "unknown":
      return () => true;
    default:
      return refuse(`is of the type ${type}, whose values don't reach other replicas as they are`);
  }
}

/** Which field of a value is not of the shape, for an error; the value as a whole if it is no single one. */
export function wrongField(schema: v.GenericSchema, value: unknown, path = ""): string {
  const { entries = {}, expects } = known(schema);
  if (isObject(value))
    for (const [name, part] of Object.entries(entries)) {
      const field = path === "" ? name : `${path}.${name}`;
      if (!shapeOf(part, field, true)(value[name])) return wrongField(part, value[name], field);
    }
  const expected = isBytes(schema) ? "Uint8Array" : expects === "number" ? "a finite number" : expects;
  return `${path || "payload"}: expected ${expected}, got ${shown(value)}`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 64));
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value)
    ? "an array"
    : `an object (${value.constructor?.name ?? "without a prototype"})`;
}

/** `bytes` of values.ts, or Uint8Array: an ArrayBuffer is empty after MessagePack. */
function isBytes(schema: v.GenericSchema): boolean {
  return known(schema).class === Uint8Array || stepsOf(schema).includes(bytes.pipe[1]);
}

/** What a pipe does after its first schema, with the pipes in it. */
function stepsOf(schema: v.GenericSchema): Step[] {
  const steps = known(schema).pipe ?? [];
  return steps.flatMap((step) => (step.kind === "schema" ? stepsOf(step as v.GenericSchema) : step));
}

const isUndefined: Check = (value) => value === undefined;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function someOf(checks: Check[]): Check {
  return (value) => checks.some((check) => check(value));
}

function listOf(first: readonly Check[], rest: Check): Check {
  return (value) =>
    Array.isArray(value) &&
    value.length >= first.length &&
    value.every((item, index) => (first[index] ?? rest)(item));
}

function objectOf(checks: readonly (readonly [string, Check])[]): Check {
  return (value) => {
    if (!isObject(value)) return false;
    for (const [name, check] of checks) if (!check(value[name])) return false;
    return true;
  };
}
