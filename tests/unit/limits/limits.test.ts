import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { createLimiter } from "../../../src/limits/limiter.ts";
import { createMemoryLimitStore } from "../../../src/limits/memory-store.ts";
import { createMemoryOnce } from "../../../src/limits/once.ts";

const log = pino({ level: "silent" });

describe("limiter", () => {
  test("allows up to the limit in a window, and again in the next", async () => {
    let now = 0;
    const limiter = createLimiter({
      limit: 2,
      windowMs: 1000,
      memory: createMemoryLimitStore(() => now),
      log,
    });
    assert.deepEqual(await limiter("a"), { allowed: true, limit: 2, remaining: 1, resetInMs: 1000 });
    now = 400;
    assert.equal((await limiter("a")).allowed, true);
    assert.deepEqual(await limiter("a"), { allowed: false, limit: 2, remaining: 0, resetInMs: 600 });
    assert.equal((await limiter("b")).allowed, true, "keys are counted apart");
    now = 1000;
    assert.equal((await limiter("a")).allowed, true);
  });

  test("counts here while the shared store fails, and there when it does not", async () => {
    let up = false;
    const shared = {
      increment: async () => {
        if (!up) throw new Error("away");
        return { totalHits: 99, resetInMs: 5 };
      },
    };
    const limiter = createLimiter({
      limit: 1,
      windowMs: 1000,
      memory: createMemoryLimitStore(),
      shared,
      log,
    });
    assert.equal((await limiter("a")).allowed, true);
    assert.equal((await limiter("a")).allowed, false);
    up = true;
    assert.deepEqual(await limiter("b"), { allowed: false, limit: 1, remaining: 0, resetInMs: 5 });
  });

  test("expired windows are forgotten as new ones come", async () => {
    let now = 0;
    const store = createMemoryLimitStore(() => now);
    for (let index = 0; index < 60_000; index += 1) await store.increment(`key ${index}`, 10);
    assert.equal((await store.increment("key 59999", 10)).totalHits, 2, "the newest are kept under a flood");
    assert.equal((await store.increment("key 0", 10)).totalHits, 1, "the oldest make room");
    now = 20;
    assert.equal((await store.increment("key 59999", 10)).totalHits, 1);
  });
});

describe("once", () => {
  test("an id is claimed once", () => {
    const once = createMemoryOnce();
    assert.deepEqual([once.claim("a"), once.claim("a"), once.claim("b")], [true, false, true]);
  });

  test("memory is bounded: the oldest are forgotten", () => {
    const once = createMemoryOnce();
    for (let index = 0; index <= 20_000; index += 1) assert.equal(once.claim(String(index)), true);
    assert.equal(once.claim("0"), true);
    assert.equal(once.claim("20000"), false);
  });
});
