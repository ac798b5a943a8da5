import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decode, encode } from "@msgpack/msgpack";
import { plainData } from "../../../src/delivery/plain-data.ts";
import { cycle, deepArray, getterThatThrows, protoKey } from "../../support/hostile-values.ts";

function copyOf(data: unknown, options?: { canHaveBytes: boolean }) {
  const leftOut: string[] = [];
  const copy = plainData(data, (path) => leftOut.push(path), options);
  // Whatever it is, other replicas can read it.
  decode(encode(copy));
  return { copy, leftOut };
}

describe("an app's data as other replicas are sent it", () => {
  test("plain data is as it was", () => {
    const shared = { x: 1 };
    const data = {
      text: "a",
      list: [1, null, undefined, { deep: [true] }],
      twice: [shared, shared],
      when: new Date(0),
      bytes: new Uint8Array([1]),
      none: Object.assign(Object.create(null), { a: 1 }),
    };
    const { copy, leftOut } = copyOf(data);
    assert.deepEqual({ ...copy, none: { a: 1 } }, { ...data, none: { a: 1 } });
    assert.deepEqual(leftOut, []);
  });

  test("what can't be sent is left out alone, and named", () => {
    const timer = setTimeout(() => {}, 0);
    clearTimeout(timer);
    const { copy, leftOut } = copyOf({
      name: "ada",
      timer,
      map: new Map(),
      fn: () => {},
      symbol: Symbol("x"),
      big: 1n,
      invalid: new Date(Number.NaN),
      cycle: cycle(),
      getter: getterThatThrows(),
      proto: protoKey(),
      list: [1, () => {}, 3],
    });
    assert.deepEqual(copy, { name: "ada", cycle: {}, getter: {}, proto: {}, list: [1, null, 3] });
    const named = "timer map fn symbol big invalid cycle.self getter.broken proto.__proto__ list[1]";
    assert.equal(leftOut.join(" "), named);
  });

  test("depth and number are bounded", () => {
    assert.equal(copyOf({ deep: deepArray(40) }).leftOut.length, 0);
    assert.equal(copyOf({ deep: deepArray(100_000) }).leftOut.length, 1);
    const large = "x".repeat(2 ** 18);
    assert.deepEqual(copyOf({ large: `${large}x`, small: "x" }), {
      copy: { small: "x" },
      leftOut: ["large"],
    });
    assert.deepEqual(copyOf({ large, bytes: new Uint8Array(2 ** 18) }).leftOut, ["large", "bytes"]);
    const half = large.slice(2 ** 17);
    assert.deepEqual(copyOf({ list: [half, half, half] }).leftOut, ["list[1]", "list[2]"]);
    assert.deepEqual(copyOf({ [large]: 1, a: "a" }).leftOut, ["a"]);
    // Each level names the one below it twice: 2 ** 40 values.
    let level: object = {};
    for (let depth = 0; depth < 40; depth += 1) level = { a: level, b: level };
    assert.ok(copyOf({ level }).leftOut.length > 0);
  });

  test("bytes only where they can be kept; data that is no object is none", () => {
    assert.deepEqual(copyOf({ bytes: new Uint8Array(1) }, { canHaveBytes: false }).leftOut, ["bytes"]);
    for (const data of [undefined, null, 1, "x", new Map()]) assert.deepEqual(copyOf(data).copy, {});
  });
});
