import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRecentEvents } from "../../../src/platform/delivery/recent-events.ts";
import { isAfter } from "../../../src/platform/redis/stream-id.ts";

describe("recent events", () => {
  const bounds = { isAfter, maxEvents: 10, maxBytes: 100_000 };
  const event = (number: number, rooms = ["a"], except: string[] = []) => ({
    offset: `1-${number}`,
    key: `p:${number}`,
    rooms,
    except,
    args: ["event", { number }],
  });
  const offsets = (events: { offset: string }[]) => events.map(({ offset }) => offset);

  test("give a member of rooms what came after its offset, in order", () => {
    const recent = createRecentEvents(bounds);
    recent.startAt("1-0");
    for (const one of [event(1), event(2, ["b"]), event(3, ["a"], ["me"]), event(4, []), event(5)])
      recent.add(one);
    assert.deepEqual(offsets(recent.since("1-1", new Set(["a", "me"]))), ["1-4", "1-5"]);
    assert.deepEqual(offsets(recent.since("1-0", new Set(["b"]))), ["1-2", "1-4"]);
    assert.deepEqual(recent.since("1-5", new Set(["a"])), []);
  });

  test("tell whether they reach back far enough", () => {
    const recent = createRecentEvents(bounds);
    assert.equal(recent.covers("1-0"), false, "nothing is known yet");
    recent.startAt("1-0");
    for (let number = 1; number <= 30; number += 1) recent.add(event(number));
    assert.equal(recent.covers("1-0"), false, "the oldest made room");
    assert.equal(recent.covers("1-29"), true);
    assert.ok(recent.stats().events <= 11);
  });

  test("are bounded by bytes too", () => {
    const recent = createRecentEvents({ ...bounds, maxEvents: 1000, maxBytes: 10_000 });
    recent.startAt("1-0");
    for (let number = 1; number <= 50; number += 1)
      recent.add({ ...event(number), args: ["x".repeat(1000)] });
    assert.ok(recent.stats().bytes <= 10_000);
    assert.ok(recent.stats().events > 0);
  });

  test("older ones can be put before, repeats are dropped", () => {
    const recent = createRecentEvents(bounds);
    recent.startAt("1-3");
    recent.add(event(4));
    recent.add({ ...event(4), offset: "1-5" });
    recent.prepend([event(2), event(3), event(4)], "1-1");
    assert.ok(recent.covers("1-1"));
    assert.deepEqual(offsets(recent.since("1-1", new Set(["a"]))), ["1-2", "1-3", "1-4"]);
  });

  test("after a break nobody from before it is recovered", () => {
    const recent = createRecentEvents(bounds);
    recent.startAt("1-0");
    recent.add(event(1));
    assert.ok(recent.reaches("1-1"));
    recent.breakAt("1-5");
    recent.add(event(6));
    assert.equal(recent.covers("1-1"), false);
    assert.equal(recent.reaches("1-1"), false);
    assert.ok(recent.covers("1-5"));
  });
});
