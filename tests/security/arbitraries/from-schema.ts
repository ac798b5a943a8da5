import * as fc from "fast-check";
import { hostile, loneSurrogates } from "./hostile.ts";

/** What is used of a valibot schema and the actions in its pipe. */
interface Schema {
  type: string;
  entries?: Record<string, Schema>;
  wrapped?: Schema;
  options?: readonly unknown[];
  pipe?: readonly { kind: string; type: string; requirement?: unknown }[];
}

export interface Known {
  /** Texts that mean something to the server, such as the id of a document that was joined. */
  texts: Record<string, fc.Arbitrary<string>>;
  /** By field as well; for others random bytes. */
  bytes: Record<string, fc.Arbitrary<Uint8Array>>;
}

/**
 * Values that fit a schema of the wire contract, derived from the schema: an event that is added there is
 * attacked without a line here.
 */
export function valuesOf(schema: unknown, known: Known, field = ""): fc.Arbitrary<unknown> {
  const { type, entries, wrapped, pipe = [] } = schema as Schema;
  switch (type) {
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries(entries ?? {}).map(([name, entry]) => [name, valuesOf(entry, known, name)]),
        ),
      );
    case "optional":
      return fc.option(valuesOf(wrapped, known, field), { nil: undefined });
    case "string":
      return fc.oneof(known.texts[field] ?? textsOf(pipe), textsOf(pipe));
    case "number":
      return fc.double();
    // Binary: `Uint8Array` or `ArrayBuffer`.
    case "union":
      return known.bytes[field] ?? fc.uint8Array({ maxLength: 200 });
    default:
      throw new Error(`the field "${field}" has a schema of type ${type}: tell here what fits it`);
  }
}

function textsOf(pipe: NonNullable<Schema["pipe"]>): fc.Arbitrary<string> {
  const requirement = (wanted: string) => pipe.find(({ type }) => type === wanted)?.requirement;
  const pattern = requirement("regex");
  if (pattern instanceof RegExp) return fc.stringMatching(pattern);
  const minLength = Number(requirement("min_length") ?? 0);
  const maxLength = Number(requirement("max_length") ?? 100);
  return fc.string({ unit: "grapheme", minLength, maxLength, size: "small" });
}

/** Values that nearly fit: one field wrong, missing or too many; or none of it right. */
export function nearly(schema: unknown, known: Known): fc.Arbitrary<unknown> {
  const fitting = valuesOf(schema, known) as fc.Arbitrary<Record<string, unknown>>;
  const fields = Object.keys((schema as Schema).entries ?? {});
  // An event without fields is given one.
  const field = fc.constantFrom(...(fields.length > 0 ? fields : ["field"]));
  const wrong = fc.oneof({ arbitrary: hostile, weight: 4 }, loneSurrogates);
  return fc.oneof(
    { arbitrary: fitting, weight: 2 },
    {
      arbitrary: fc.tuple(fitting, field, wrong).map(([value, name, bad]) => ({ ...value, [name]: bad })),
      weight: 5,
    },
    fc
      .tuple(fitting, field)
      .map(([value, name]) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))),
    fc.tuple(fitting, fc.string(), hostile).map(([value, name, more]) => ({ ...value, [name]: more })),
    { arbitrary: hostile, weight: 2 },
  );
}
