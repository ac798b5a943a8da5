import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createCpuBudget } from "../../../src/platform/limits/cpu-budget.ts";

describe("cost limiter", () => {
  const setUp = () => {
    let time = 1000;
    const limiter = createCpuBudget({ share: 0.1, burstMs: 25, now: () => time });
    return { limiter, pass: (ms: number) => (time += ms) };
  };

  test("what costs little is free, and some of what costs more", () => {
    const { limiter } = setUp();
    for (let index = 0; index < 100; index += 1) limiter.charge("a", 5);
    limiter.charge("a", 25);
    assert.equal(limiter.waitMs("a"), 0);
  });

  test("the rest is waited for, by whom it was for", () => {
    const { limiter, pass } = setUp();
    limiter.charge("a", 125);
    assert.equal(limiter.waitMs("a"), 1000);
    assert.equal(limiter.waitMs("b"), 0);
    pass(400);
    limiter.charge("a", 50);
    assert.equal(limiter.waitMs("a"), 1100, "it adds up");
    pass(1100);
    assert.equal(limiter.waitMs("a"), 0);
  });
});
