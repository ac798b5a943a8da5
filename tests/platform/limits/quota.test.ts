import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { type QuotaStore, createQuota } from "../../../src/platform/limits/quota.ts";

const log = pino({ level: "silent" });

/** What Redis would hold, in memory. */
function createHeld() {
  const held = new Map<string, Map<number, number>>();
  let replicas = 0;
  let trips = 0;
  return {
    trips: () => trips,
    replica(): QuotaStore {
      const own = (replicas += 1);
      return {
        async tell(key, count) {
          trips += 1;
          const all = held.get(key) ?? new Map<number, number>();
          held.set(key, all.set(own, count));
          return [...all].reduce((sum, [replica, each]) => (replica === own ? sum : sum + each), 0);
        },
      };
    },
  };
}

describe("quota", () => {
  test("holds up to the limit for each key, and takes back", async () => {
    const quota = createQuota({ limit: 2, log });
    assert.deepEqual(
      [await quota.take("a"), await quota.take("a"), await quota.take("a")],
      [true, true, false],
    );
    assert.equal(await quota.take("b"), true);
    quota.give("a");
    assert.equal(await quota.take("a"), true);
    assert.equal(await quota.take("a"), false);
    quota.close();
  });

  test("counts what other replicas hold", async () => {
    const held = createHeld();
    const [one, two] = [
      createQuota({ limit: 3, shared: held.replica(), log }),
      createQuota({ limit: 3, shared: held.replica(), log }),
    ];
    assert.deepEqual([await one.take("a"), await two.take("a"), await one.take("a")], [true, true, true]);
    assert.equal(await two.take("a"), false);
    one.give("a");
    await Promise.resolve();
    assert.equal(await two.take("a"), true);
    one.close();
    two.close();
  });

  test("far from the limit nobody is asked", async () => {
    const held = createHeld();
    const quota = createQuota({ limit: 100, shared: held.replica(), log });
    for (let count = 0; count < 10; count += 1) assert.equal(await quota.take("a"), true);
    assert.equal(held.trips(), 0);
    assert.equal(await quota.take("a"), true);
    assert.equal(held.trips(), 1);
    quota.close();
  });

  test("goes on by itself while Redis is away", async () => {
    const quota = createQuota({ limit: 1, shared: { tell: () => Promise.reject(new Error("away")) }, log });
    assert.equal(await quota.take("a"), true);
    assert.equal(await quota.take("a"), false);
    quota.give("a");
    assert.equal(await quota.take("a"), true);
    quota.close();
  });
});
