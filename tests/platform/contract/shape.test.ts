import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import * as v from "valibot";
import { shapeOf } from "../../../src/platform/contract/shape.ts";
import { bytes } from "../../../src/platform/contract/values.ts";

const schemas: v.GenericSchema[] = [
  v.object({ id: v.pipe(v.string(), v.minLength(1)), at: v.optional(v.number()), flag: v.boolean() }),
  v.object({ kind: v.picklist(["a", "b"]), list: v.array(v.union([v.string(), v.number()])) }),
  v.object({ update: bytes, nested: v.object({ one: v.literal(1), any: v.unknown() }) }),
  v.nullish(v.string()),
  v.undefined(),
  v.nullable(v.number()),
  v.variant("type", [v.object({ type: v.literal("x"), x: v.number() }), v.object({ type: v.literal("y") })]),
  v.tuple([v.string(), v.number()]),
  v.record(v.string(), v.number()),
];
const values = fc.oneof(
  fc.anything({ withTypedArray: true, withNullPrototype: true }),
  fc.record({ id: fc.string(), at: fc.option(fc.double()), flag: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("a", "b", "c"), list: fc.array(fc.oneof(fc.string(), fc.double())) }),
  fc.record({
    update: fc.uint8Array(),
    nested: fc.record({ one: fc.constantFrom(1, 2), any: fc.anything() }),
  }),
);

describe("the shape of a schema", () => {
  test("takes every value that the schema takes, but for numbers that are none", () => {
    fc.assert(
      fc.property(values, (value) => {
        for (const schema of schemas)
          if (v.is(schema, value) && !JSON.stringify(value, bad)?.includes("no number"))
            assert.ok(shapeOf(schema, "field", true)(value), schema.type);
      }),
      { seed: 20261128, numRuns: 3000 },
    );
  });

  test("refuses values of another kind", () => {
    const check = shapeOf(schemas[0] as v.GenericSchema);
    assert.ok(check({ id: "", flag: true }), "lengths are not looked at");
    for (const value of [null, undefined, 1, "x", [], {}, { id: 1, flag: true }, { id: "x", flag: "yes" }])
      assert.ok(!check(value), JSON.stringify(value));
    assert.ok(!shapeOf(bytes)("text"));
    assert.ok(shapeOf(bytes)(new Uint8Array(1)));
  });
});

const bad = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value)
    ? "no number"
    : typeof value === "bigint"
      ? "big"
      : value;
