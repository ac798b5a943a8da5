import assert from "node:assert/strict";
import { encode } from "@msgpack/msgpack";
import { describe, test } from "node:test";
import {
  type EntryFields,
  type StreamEntry,
  encodePart,
  expand,
  fromBytes,
  joinParts,
  toOfficialData,
} from "../../../src/platform/redis/batch.ts";

const bytesOf = (fields: Record<string, string | Buffer>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value as string)]));

/** The same for all kinds of bytes. */
const bytesFor = (value: unknown) => Buffer.from(encode(value)).toString("hex");
const carrying = (value: unknown) => ({
  packet: { type: 2, data: ["event", value] },
  opts: { rooms: ["r"], except: [] },
});

const uid = "0123456789abcdef";
const expanded = (entry: StreamEntry) => expand(entry, () => assert.fail("it is well-formed"));

function roundTrip(values: unknown[], more: Record<string, string> = {}) {
  const batch = joinParts(values.map((value) => encodePart(carrying(value))));
  const fields = { uid, nsp: "/", type: "3", sequence: "7", count: String(values.length), ...more };
  return expanded(fromBytes(Buffer.from("5-1"), bytesOf({ ...fields, batch })));
}

describe("batches in the stream", () => {
  test("text and binary come back as they went in, each with its position and number", () => {
    const texts = [{ a: 1 }, { b: "€ [" }, {}];
    const binaries = Array.from({ length: 40 }, (_, index) => ({ update: new Uint8Array([0, 255, index]) }));
    for (const values of [texts, binaries]) {
      const entries = roundTrip(values);
      const decoded = entries.map(({ message }) => message.decoded);
      assert.equal(bytesFor(decoded), bytesFor(values.map(carrying)));
      const { id, message } = entries[1] ?? {};
      const { nsp, type, sequence } = message ?? {};
      assert.deepEqual([id, message?.uid, nsp, type, sequence], ["5-1-1", uid, "/", "3", 8]);
    }
  });

  test("a field that is undefined is left out, in MessagePack as in JSON", () => {
    for (const more of [{}, { data: new Uint8Array(1) }]) {
      const [entry] = roundTrip([{ a: 1, b: undefined, ...more }]);
      assert.equal(bytesFor(entry?.message.decoded), bytesFor(carrying({ a: 1, ...more })));
    }
  });

  test("what was struck has a number, and nothing to deliver", () => {
    const [first, second, third] = roundTrip([{ a: 1 }, { b: 1 }, { c: 1 }], { struck: "0,2" });
    assert.deepEqual(first?.message, { uid, sequence: 7 });
    assert.deepEqual(second?.message.decoded, carrying({ b: 1 }));
    assert.deepEqual(third?.message, { uid, sequence: 9 });
  });

  test("an entry of the official adapter is decoded, one that only has a number keeps that", () => {
    const fields = { uid, sequence: "1" };
    for (const value of [1, new Uint8Array([1])]) {
      const data = toOfficialData(encodePart(carrying(value)));
      const official = bytesOf({ ...fields, nsp: "/", type: "3", data });
      const [entry] = expanded(fromBytes(Buffer.from("5-1"), official));
      assert.equal(bytesFor(entry?.message.decoded), bytesFor(carrying(value)));
    }
    const gap = { ...fields, gap: "1" };
    assert.deepEqual(expanded(fromBytes(Buffer.from("5-1"), bytesOf(gap))), [{ id: "5-1", message: gap }]);
  });

  test("the outbox gets what the official adapter would write", () => {
    assert.equal(
      toOfficialData(encodePart(carrying(1))),
      '{"packet":{"type":2,"data":["event",1]},"opts":{"rooms":["r"],"except":[]}}',
    );
    const binary = carrying(new Uint8Array([1]));
    assert.equal(toOfficialData(encodePart(binary)), Buffer.from(encode(binary)).toString("base64"));
  });

  const good = JSON.stringify(carrying(1));
  const fields = { uid, nsp: "/", type: "3", sequence: "1", count: "1" };
  const refused: [what: string, message: EntryFields][] = [
    ["JSON that is cut off", { ...fields, batch: "[{}" }],
    ["another count", { ...fields, batch: `[${good}]`, count: "2" }],
    ["a giant count", { ...fields, batch: `[${good}]`, count: "1e300" }],
    ["no array", { ...fields, batch: good }],
    ["MessagePack that is none", { ...fields, batch: new Uint8Array([0xc1]) }],
    ["no publisher", { ...fields, batch: `[${good}]`, uid: "" }],
    ["a publisher that is none", { ...fields, batch: `[${good}]`, uid: "../../../etc/pwd" }],
    ["no number", { ...fields, batch: `[${good}]`, sequence: "" }],
    ["a number that is none", { ...fields, batch: `[${good}]`, sequence: "NaN" }],
    ["indexes that are none", { ...fields, batch: `[${good}]`, struck: "a" }],
    ["a batch of another type", { ...fields, batch: `[${good}]`, type: "4" }],
    ["an unknown type", { uid, nsp: "/", type: "99", data: good, sequence: "1" }],
    ["no type", { uid, nsp: "/", data: good, sequence: "1" }],
    [
      "rooms to join that are none",
      { uid, nsp: "/", type: "4", data: '{"opts":{},"rooms":1}', sequence: "1" },
    ],
    ["data that is cut off", { uid, nsp: "/", type: "3", data: good.slice(1), sequence: "1" }],
  ];
  for (const [what, message] of refused) {
    test(`refused: ${what}`, () => assert.throws(() => expand({ id: "5-1", message }, assert.fail)));
  }

  test("a malformed message of a batch keeps its number, and the others of it are delivered", () => {
    const bad: unknown[] = [
      null,
      [],
      {},
      { packet: { type: 2, data: "no array" }, opts: carrying(1).opts },
      { packet: { type: 2, data: [{}] }, opts: carrying(1).opts },
      { packet: { type: 1, data: ["event"] }, opts: carrying(1).opts },
      { packet: { type: 2, nsp: "/other", data: ["event"] }, opts: carrying(1).opts },
      { packet: carrying(1).packet, opts: { rooms: "r", except: [] } },
      { packet: carrying(1).packet, opts: { rooms: [1], except: [] } },
      { packet: carrying(1).packet, opts: { rooms: [], except: [], flags: { number: -1 } } },
    ];
    for (const value of bad) {
      let counted = 0;
      const batch = JSON.stringify([value, carrying(1)]);
      const entries = expand({ id: "5-1", message: { ...fields, count: "2", batch } }, () => (counted += 1));
      assert.deepEqual(entries[0]?.message, { uid, sequence: 1 }, JSON.stringify(value));
      assert.deepEqual([entries[1]?.message.decoded, counted], [carrying(1), 1]);
    }
  });
});
