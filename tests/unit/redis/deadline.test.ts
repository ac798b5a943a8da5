import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withDeadline } from "../../../src/redis/deadline.ts";

describe("deadline", () => {
  test("gives the work's outcome in time", async () => {
    assert.equal(await withDeadline(Promise.resolve(1), 50), 1);
    await assert.rejects(withDeadline(Promise.reject(new Error("no")), 50), /no/);
  });

  test("rejects after it, and listens to what comes later", async () => {
    const startedAt = performance.now();
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 40));
    await assert.rejects(withDeadline(late, 20), /no answer within 20 ms/);
    assert.ok(performance.now() - startedAt < 200);
    await assert.rejects(late);
  });

  test("a pause of this process is not blamed on the other side", async () => {
    const answer = new Promise((resolve) => setImmediate(() => setImmediate(() => resolve("here"))));
    const within = withDeadline(new Promise((resolve) => process.nextTick(() => resolve(answer))), 5);
    const until = performance.now() + 30;
    while (performance.now() < until);
    assert.equal(await within, "here");
  });
});
