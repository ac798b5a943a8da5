import assert from "node:assert/strict";
import { test } from "node:test";
import { lazy } from "../../../src/platform/util/lazy.ts";

test("a lazy value is made when it is first asked for, once, also when it is undefined", () => {
  let made = 0;
  const value = lazy(() => void (made += 1));
  assert.equal(made, 0);
  for (let times = 0; times < 2; times += 1) assert.equal(value(), undefined);
  assert.equal(made, 1);
});
