import assert from "node:assert/strict";
import { encode } from "@msgpack/msgpack";
import { describe, test } from "node:test";
import { encodePart, expand, fromBytes, joinParts, toOfficialData } from "../../../src/redis/batch.ts";

const bytesOf = (fields: Record<string, string | Buffer>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value as string)]));

/** The same for all kinds of bytes. */
const bytesFor = (value: unknown) => Buffer.from(encode(value)).toString("hex");
const carrying = (value: unknown) => ({ packet: { data: ["event", value] }, opts: {} });

function roundTrip(values: unknown[], more: Record<string, string> = {}) {
  const batch = joinParts(values.map((value) => encodePart(carrying(value))));
  const fields = { uid: "p", nsp: "/", type: "3", sequence: "7", count: String(values.length), ...more };
  return expand(fromBytes(Buffer.from("5-1"), bytesOf({ ...fields, batch })));
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
      const { uid, nsp, type, sequence } = message ?? {};
      assert.deepEqual([id, uid, nsp, type, sequence], ["5-1-1", "p", "/", "3", 8]);
    }
  });

  test("what was struck has a number, and nothing to deliver", () => {
    const [first, second, third] = roundTrip([{ a: 1 }, { b: 1 }, { c: 1 }], { struck: "0,2" });
    assert.deepEqual(first?.message, { uid: "p", sequence: 7 });
    assert.deepEqual(second?.message.decoded, carrying({ b: 1 }));
    assert.deepEqual(third?.message, { uid: "p", sequence: 9 });
  });

  test("an entry of the official adapter stays as it is", () => {
    const message = { uid: "p", nsp: "/", type: "3", data: '{"a":1}', sequence: "1" };
    assert.deepEqual(expand(fromBytes(Buffer.from("5-1"), bytesOf(message))), [{ id: "5-1", message }]);
  });

  test("the outbox gets what the official adapter would write", () => {
    assert.equal(toOfficialData(encodePart(carrying(1))), '{"packet":{"data":["event",1]},"opts":{}}');
    const binary = carrying(new Uint8Array([1]));
    assert.equal(toOfficialData(encodePart(binary)), Buffer.from(encode(binary)).toString("base64"));
  });

  test("what is malformed is refused", () => {
    const malformed = (batch: string, count = "1") =>
      expand({ id: "5-1", message: { uid: "p", sequence: "1", count, batch } });
    assert.throws(() => malformed("[{}"));
    assert.throws(() => malformed("[{}]", "2"));
    assert.throws(() => malformed("{}"));
    assert.throws(() => expand({ id: "5-1", message: { count: "1", batch: new Uint8Array([0xc1]) } }));
  });
});
