import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodePresence, encodePresence } from "../../../src/platform/gateway/presence-codec.ts";

const state = '{"user":{"name":"Ada"}}';
/** As y-protocols writes it: how many, then of each the client id and the clock as varints, and JSON with its length. */
const update = Uint8Array.of(1, 0xac, 0x02, 3, state.length, ...new TextEncoder().encode(state));
const entries = [{ clientId: 300, clock: 3, state }];

describe("presence codec", () => {
  test("reads an awareness update", () => {
    assert.deepEqual(decodePresence(update), entries);
    assert.deepEqual(decodePresence(Uint8Array.of(0)), []);
  });

  test("writes an awareness update", () => {
    assert.deepEqual(encodePresence(entries), update);
    assert.deepEqual(encodePresence([]), Uint8Array.of(0));
  });

  test("refuses what is no awareness update", () => {
    for (const bytes of [[], [1], [2, 1, 1], [1, 1, 1, 3, 97, 98, 99]]) {
      assert.throws(() => decodePresence(Uint8Array.from(bytes)), { code: "invalid" }, String(bytes));
    }
    assert.throws(() => decodePresence(Uint8Array.of(255, 255, 3)), { code: "too_large" });
  });
});
