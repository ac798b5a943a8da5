import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { checkPublished, composeContracts, isSoundPush } from "../../../src/platform/contract/compose.ts";
import { type Contract, type Fields, defineContract } from "../../../src/platform/contract/define.ts";
import { bytes } from "../../../src/platform/contract/values.ts";
import { decodePart, encodePart } from "../../../src/platform/redis/batch.ts";
import { StartupError } from "../../../src/platform/util/errors.ts";

const summary = "Is there for a test.";
const composed = (payload: Fields | v.GenericSchema, more: object = {}) =>
  composeContracts([
    { name: "polls", pushes: { voted: { summary, recover: true, payload, ...more } } } as Contract,
  ]);

describe("what a push may be", () => {
  test("a schema whose values change on their way is refused, and the field is named", () => {
    for (const [payload, message] of [
      [{ n: v.pipe(v.string(), v.transform(Number)) }, /push voted: the field "n" is transformed/],
      [{ name: v.pipe(v.string(), v.trim()) }, /field "name" is transformed \(trim\)/],
      [{ in: v.object({ at: v.date() }) }, /field "in.at" is of the type date/],
      [{ at: v.optional(v.date()) }, /field "at" is of the type date/],
      [{ all: v.map(v.string(), v.string()) }, /field "all" is of the type map/],
      [{ big: v.bigint() }, /field "big" is of the type bigint/],
      [{ one: v.literal(1n) }, /field "one" is a literal/],
      [{ own: v.instance(Error) }, /field "own" is of the type instance/],
      [{ list: v.array(v.optional(v.string())) }, /field "list.0" is optional but no field/],
      [v.undefined(), /the payload is undefined/],
    ] as const)
      assert.throws(
        () => composed(payload as Fields),
        (error) => error instanceof StartupError && message.test(error.message),
        String(message),
      );
    for (const payload of [v.string(), v.array(v.string()), v.strictObject({ a: v.string() })])
      assert.throws(
        () => composed(payload, { room: true }),
        /push voted has room: true, so its payload is fields/,
      );
    const voted = { summary, recover: true, room: true, payload: v.string() } as const;
    // @ts-expect-error: a push to a room has fields
    defineContract("polls", { pushes: { voted } });
  });

  test("what is published here is what other replicas take, after JSON and MessagePack", () => {
    const contract = composed(
      {
        text: v.pipe(v.string(), v.minLength(2)),
        id: v.pipe(v.string(), v.brand("Id")),
        n: v.optional(v.number()),
        list: v.tuple([v.nullable(v.number())]),
        by: v.variant("kind", [v.object({ kind: v.literal("a") }), v.object({ kind: v.literal("b") })]),
        counts: v.record(v.string(), v.number()),
        strict: v.nullish(v.strictObject({ a: v.boolean() })),
        data: v.optional(bytes),
      },
      { room: true },
    );
    const well = { documentId: "r", text: "xy", id: "1", list: [1], by: { kind: "a" }, counts: { a: 1 } };
    const isTaken = (payload: object) => {
      const part = encodePart({ packet: { data: ["voted", payload] }, opts: {} });
      const { packet } = decodePart(part) as { packet: { data: unknown[] } };
      return isSoundPush(contract, "voted", packet.data[1], "/");
    };
    for (const payload of [
      well,
      { ...well, n: undefined, strict: undefined, data: undefined },
      { ...well, n: undefined, data: new Uint8Array(2) },
      { ...well, strict: { a: true } },
      { ...well, strict: null },
    ]) {
      checkPublished(contract, "voted", payload);
      assert.ok(isTaken(payload), JSON.stringify(payload));
    }
    for (const [payload, message] of [
      [{ ...well, text: 3 }, /push "voted": text: expected string, got 3/],
      [{ ...well, text: new Date(0) }, /text: expected string, got an object \(Date\)/],
      [{ ...well, n: Number.POSITIVE_INFINITY }, /n: expected .*, got Infinity/],
      [{ ...well, list: [Number.NaN] }, /list: /],
      [{ ...well, counts: { a: Number.POSITIVE_INFINITY } }, /counts: /],
      [{ ...well, by: { kind: "c" } }, /by: /],
      [{ ...well, data: new ArrayBuffer(2) }, /data: /],
      [{ ...well, documentId: undefined }, /documentId: /],
      ["text", /payload: expected Object, got "text"/],
    ] as const)
      assert.throws(
        () => checkPublished(contract, "voted", payload),
        (error) => error instanceof TypeError && message.test(error.message),
        String(message),
      );
    assert.throws(() => checkPublished(contract, "other", {}), /no contract defines the push "other"/);
  });
});
