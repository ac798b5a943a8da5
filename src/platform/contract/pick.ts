import type * as v from "valibot";
import type { Fields } from "./define.ts";

type Pick = (value: unknown) => unknown;

/** What of valibot's schemas is looked at. */
interface Known {
  type: string;
  entries?: Fields;
  wrapped?: v.GenericSchema;
  item?: v.GenericSchema;
}

/**
 * A function that takes the declared fields of what a handler returned, and no others: an object with more fits the
 * type, and would be sent with all it has. Made once for each reply. It copies references: checking every reply by its
 * schema would cost a pass over its binaries.
 */
export function pickFields(fields: Fields = {}): (result: unknown) => object {
  const picks = Object.entries(fields).map(
    ([name, schema]) => [name, pickOf(schema as v.GenericSchema)] as const,
  );
  return (result) => {
    const picked: Record<string, unknown> = {};
    if (typeof result !== "object" || result === null) return picked;
    for (const [name, pick] of picks) {
      const value = (result as Record<string, unknown>)[name];
      if (value !== undefined) picked[name] = pick ? pick(value) : value;
    }
    return picked;
  };
}

/** The same for the objects within; undefined where there are none. */
function pickOf(schema: v.GenericSchema): Pick | undefined {
  const { type, entries, wrapped, item } = schema as unknown as Known;
  switch (type) {
    case "object":
    case "strict_object": {
      const pick = pickFields(entries);
      return (value) => (typeof value === "object" && value !== null ? pick(value) : value);
    }
    case "array": {
      const pick = item && pickOf(item);
      return pick && ((value) => (Array.isArray(value) ? value.map(pick) : value));
    }
    case "optional":
    case "exact_optional":
    case "nullable":
    case "nullish":
      return wrapped && pickOf(wrapped);
    default:
      return undefined;
  }
}
