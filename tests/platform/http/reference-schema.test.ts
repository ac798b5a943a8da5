import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runInNewContext } from "node:vm";
import * as v from "valibot";
import { roomIdSchema } from "../../../src/platform/contract/room-id.ts";
import { bytes } from "../../../src/platform/contract/values.ts";
import { jsonSchema } from "../../../src/platform/http/json-schema.ts";
import { notesOf, sampleOf, typeOf } from "../../../src/platform/http/reference-schema.ts";

const coordinate = v.pipe(v.number(), v.minValue(-1), v.maxValue(1));
const points = v.pipe(v.array(v.tuple([coordinate, coordinate])), v.minLength(2), v.maxLength(50));
const size = v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(9));
const color = v.picklist(["red", "blue"]);

/** A schema, its type and its notes. */
const described: [schema: v.GenericSchema, type: string, notes: string][] = [
  [points, "[number, number][]", "2-50 items; each (each (-1 to 1))"],
  [v.array(color), '("red" | "blue")[]', ""],
  [
    v.object({ points, color: v.optional(color), "line-width": size }),
    '{ points: [number, number][], color?: "red" | "blue", "line-width": integer }',
    'points (2-50 items; each (each (-1 to 1))); "line-width" (2 to 9)',
  ],
  [v.array(v.object({ at: size })), "{ at: integer }[]", "each (at (2 to 9))"],
  [v.tuple([v.string(), size]), "[string, integer]", "item 2 (2 to 9)"],
  [v.record(v.string(), v.number()), "{ [name]: number }", ""],
  [v.union([v.string(), v.null()]), "string | null", ""],
  [v.pipe(v.array(v.number()), v.length(2)), "number[]", "2 items"],
  [v.pipe(v.string(), v.uuid()), "string", "format uuid"],
  [v.pipe(v.number(), v.gtValue(3)), "number", "more than 3"],
  [v.pipe(v.string(), v.minLength(1), v.maxLength(9)), "string", "1-9 characters"],
  [v.pipe(v.string(), v.minLength(12)), "string", "at least 12 characters"],
  [v.pipe(v.string(), v.regex(/^#[0-9]{6}$/)), "string", "matches ^#[0-9]{6}$"],
  [v.pipe(v.number(), v.maxValue(-4)), "number", "at most -4"],
  [
    v.variant("is", [v.object({ is: v.literal("a") }), v.object({ is: v.literal("b") })]),
    '{ is: "a" } | { is: "b" }',
    "",
  ],
  [v.pipe(v.array(v.boolean()), v.minLength(5)), "boolean[]", "at least 5 items"],
  [v.object({}), "object", ""],
];

/** What the code of an example makes. */
const evaluate = (code: string): unknown =>
  runInNewContext(`(${code})`, { crypto, update: new Uint8Array() });

describe("what the reference says of a value", () => {
  test("has the fields of objects, the items of arrays, and the bounds of both", () => {
    for (const [schema, type, notes] of described) {
      const json = jsonSchema(schema);
      assert.deepEqual([typeOf(json), notesOf(json)], [type, notes]);
    }
    assert.deepEqual(
      [typeOf(jsonSchema(bytes)), notesOf(jsonSchema(bytes))],
      ["binary", "Uint8Array or ArrayBuffer"],
    );
  });

  test("has an example that the schema takes", () => {
    for (const [schema] of described) {
      const code = sampleOf("value", jsonSchema(schema));
      assert.ok(
        v.is(schema, evaluate(code)),
        `${code} is not taken by ${JSON.stringify(jsonSchema(schema))}`,
      );
    }
  });

  test("has an example of an event with its room, an id and bytes", () => {
    const schema = v.object({
      documentId: roomIdSchema,
      id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
      update: bytes,
      note: v.optional(v.string()),
    });
    const code = sampleOf("put", jsonSchema(schema));
    assert.equal(code, '{ documentId: "welcome", id: crypto.randomUUID(), update: update }');
    const { update: _update, ...entries } = schema.entries;
    assert.ok(v.is(v.object(entries), evaluate(code)));
  });
});
