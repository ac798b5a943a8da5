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

  test("waits for the shared count at first and near the limit, and not in between", async () => {
    let now = 0;
    const asked: ((count: { totalHits: number; resetInMs: number }) => void)[] = [];
    const limiter = createLimiter({
      limit: 8,
      windowMs: 1000,
      memory: createMemoryLimitStore(() => now),
      shared: { increment: () => new Promise((resolve) => asked.push(resolve)) },
      log,
      now: () => now,
    });
    const first = limiter("a");
    asked[0]?.({ totalHits: 1, resetInMs: 1000 });
    assert.equal((await first).remaining, 7);
    now = 300;
    let verdict: unknown;
    void limiter("a").then((judged) => (verdict = judged));
    await new Promise(setImmediate);
    assert.deepEqual(verdict, { allowed: true, limit: 8, remaining: 6, resetInMs: 700 }, "nobody waits");
    // Other replicas counted too: that is known from the reply to a hit that nobody waited for.
    asked[1]?.({ totalHits: 8, resetInMs: 700 });
    await Promise.resolve();
    const near = limiter("a");
    asked[2]?.({ totalHits: 9, resetInMs: 700 });
    assert.equal((await near).allowed, false);
    now = 1100;
    const next = limiter("a");
    asked[3]?.({ totalHits: 1, resetInMs: 1000 });
    assert.deepEqual(await next, { allowed: true, limit: 8, remaining: 7, resetInMs: 1000 });
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
  test("work is done once per id; who comes during it waits for it", async () => {
    const once = createMemoryOnce();
    const done: string[] = [];
    let finish = () => {};
    const first = once.do("a", () => new Promise<void>((resolve) => (finish = resolve)));
    const again = once.do("a", async () => void done.push("a again"));
    void again.then(() => done.push("told"));
    await once.do("b", async () => void done.push("b"));
    assert.deepEqual(done, ["b"]);
    finish();
    await Promise.all([first, again]);
    await once.do("a", async () => void done.push("a once more"));
    assert.deepEqual(done, ["b", "told"]);
  });

  test("what failed may be tried again", async () => {
    const once = createMemoryOnce();
    await assert.rejects(once.do("a", () => Promise.reject(new Error("not now"))));
    let done = false;
    await once.do("a", async () => void (done = true));
    assert.ok(done);
  });

  test("memory is bounded: the oldest are forgotten", async () => {
    const once = createMemoryOnce();
    let count = 0;
    const add = (id: number) => once.do(String(id), async () => void (count += 1));
    for (let index = 0; index <= 20_000; index += 1) await add(index);
    await add(0);
    assert.equal(count, 20_002);
    await add(20_000);
    assert.equal(count, 20_002);
  });
});
