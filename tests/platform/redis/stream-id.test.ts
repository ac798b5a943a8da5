import assert from "node:assert/strict";
import { test } from "node:test";
import { entryIdOf, isAfter, nextId } from "../../../src/platform/redis/stream-id.ts";

test("stream ids are ordered by time, then sequence, as numbers", () => {
  assert.ok(isAfter("10-0", "9-5"));
  assert.ok(isAfter("9-10", "9-9"));
  assert.ok(!isAfter("9-9", "9-9"));
  assert.ok(!isAfter("0-0", "1700000000000-0"));
  assert.ok(isAfter("9-9-1", "9-9-0") && isAfter("9-9-10", "9-9-9"));
  assert.ok(isAfter("9-9", "9-9-3") && !isAfter("9-9-3", "9-9"), "an entry comes after its messages");
  assert.equal(entryIdOf("9-9-1"), entryIdOf("9-9"));
  assert.equal(nextId("1700000000000-9"), "1700000000000-10");
});
