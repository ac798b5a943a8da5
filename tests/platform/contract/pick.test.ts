import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { pickFields } from "../../../src/platform/contract/pick.ts";

describe("the fields of a reply", () => {
  const poll = v.object({ id: v.string(), votes: v.optional(v.object({ a: v.number() })) });
  const pick = pickFields({
    polls: v.array(poll),
    by: v.nullish(poll),
    any: v.unknown(),
    n: v.optional(v.number()),
  });

  test("are those that are declared, in lists and objects as well", () => {
    const row = { id: "1", secret: "x" };
    assert.deepEqual(
      pick({
        ok: false,
        secret: "x",
        n: undefined,
        any: { a: 1 },
        by: row,
        polls: [{ ...row, votes: { a: 1, b: 2 } }],
      }),
      { any: { a: 1 }, by: { id: "1" }, polls: [{ id: "1", votes: { a: 1 } }] },
    );
    assert.deepEqual(pick({ polls: [], by: null }), { polls: [], by: null });
  });

  test("are none of what is no object, and binaries are not copied", () => {
    for (const result of [undefined, null, "text", 1]) assert.deepEqual(pick(result), {});
    const data = new Uint8Array(3);
    assert.equal((pickFields({ data: v.unknown() })({ data }) as { data: unknown }).data, data);
    assert.deepEqual(pickFields()({ a: 1 }), {});
  });
});
