import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { createLimiter } from "../../../src/platform/limits/limiter.ts";
import { createMemoryLimitStore } from "../../../src/platform/limits/memory-store.ts";
import { createMemoryOnce } from "../../../src/platform/limits/idempotency.ts";

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
    const asked: { hits: number; reply: (count: { totalHits: number; resetInMs: number }) => void }[] = [];
    const limiter = createLimiter({
      limit: 100,
      windowMs: 1000,
      memory: createMemoryLimitStore(() => now),
      shared: {
        increment: (_key, _windowMs, hits) => new Promise((reply) => asked.push({ hits, reply })),
      },
      log,
      now: () => now,
    });
    const first = limiter("a");
    asked[0]?.reply({ totalHits: 1, resetInMs: 1000 });
    assert.equal((await first).remaining, 99);
    now = 300;
    assert.deepEqual(
      await limiter("a", 10),
      { allowed: true, limit: 100, remaining: 89, resetInMs: 700 },
      "nobody waits",
    );
    // Other replicas counted too: that is known from the reply that nobody waited for.
    assert.equal(asked[1]?.hits, 10);
    asked[1]?.reply({ totalHits: 99, resetInMs: 700 });
    await Promise.resolve();
    const near = limiter("a", 3);
    assert.equal(asked[2]?.hits, 3);
    asked[2]?.reply({ totalHits: 102, resetInMs: 700 });
    assert.equal((await near).allowed, false);
    now = 1100;
    const next = limiter("a");
    asked[3]?.reply({ totalHits: 1, resetInMs: 1000 });
    assert.deepEqual(await next, { allowed: true, limit: 100, remaining: 99, resetInMs: 1000 });
  });

  test("far from the limit hits are told in portions, and every one of them", async () => {
    let now = 0;
    let told = 0;
    let trips = 0;
    const limiter = createLimiter({
      limit: 1000,
      windowMs: 60_000,
      memory: createMemoryLimitStore(() => now),
      shared: {
        increment: async (_key, _windowMs, hits) => {
          trips += 1;
          return { totalHits: (told += hits), resetInMs: 60_000 - now };
        },
      },
      log,
      now: () => now,
    });
    for (let index = 1; index <= 400; index += 1) {
      now += 1;
      assert.equal((await limiter("a")).remaining, 1000 - index);
    }
    assert.ok(trips <= 41, `${trips} trips`);
    assert.ok(told > 390 && told <= 400, `${told} told`);
    now += 100;
    await limiter("a");
    assert.equal(told, 401, "what is old is told with the next");
    for (let index = 0; index < 599; index += 1) await limiter("a");
    assert.equal(told, 1000, "near the limit each is told at once");
    assert.equal((await limiter("a")).allowed, false);
  });

  test("expired windows are forgotten as new ones come", async () => {
    let now = 0;
    const store = createMemoryLimitStore(() => now);
    for (let index = 0; index < 60_000; index += 1) await store.increment(`key ${index}`, 10, 1);
    assert.equal(
      (await store.increment("key 59999", 10, 1)).totalHits,
      2,
      "the newest are kept under a flood",
    );
    assert.equal((await store.increment("key 0", 10, 1)).totalHits, 1, "the oldest make room");
    now = 20;
    assert.equal((await store.increment("key 59999", 10, 1)).totalHits, 1);
  });
});

describe("once", () => {
  test("work is done once per id; who comes during it waits for it", async () => {
    const once = createMemoryOnce<unknown>();
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
    const once = createMemoryOnce<unknown>();
    await assert.rejects(once.do("a", () => Promise.reject(new Error("not now"))));
    let done = false;
    await once.do("a", async () => void (done = true));
    assert.ok(done);
  });

  test("memory is bounded: the oldest are forgotten", async () => {
    const once = createMemoryOnce<unknown>();
    let count = 0;
    const add = (id: number) => once.do(String(id), async () => void (count += 1));
    for (let index = 0; index <= 20_000; index += 1) await add(index);
    await add(0);
    assert.equal(count, 20_002);
    await add(20_000);
    assert.equal(count, 20_002);
  });
});
