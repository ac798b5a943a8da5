import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createInFlight } from "../../../src/redis/in-flight.ts";
import { waitFor } from "../../../deploy/local/process.ts";

/** Nothing is overdue by itself here. */
const deadlineMs = 60_000;
const options = { rooms: new Set<string>() };

describe("broadcasts in flight", () => {
  test("what the stream brings back is not delivered here", () => {
    const delivered: string[] = [];
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: ({ packet }) => delivered.push(packet),
      onFailed: () => assert.fail(),
      onSettled: () => {},
    });
    assert.equal(inFlight.met(inFlight.add("a", options)), true);
    inFlight.deliverAll();
    assert.deepEqual(delivered, []);
  });

  test("what it does not bring back in time is delivered, in order, and skipped if it comes later", async () => {
    const delivered: string[] = [];
    const clock = { now: 0, asked: 0 };
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: ({ packet }) => delivered.push(packet),
      onFailed: () => assert.fail(),
      onSettled: () => {},
      now: () => ((clock.asked += 1), clock.now),
    });
    const first = inFlight.add("a", options);
    inFlight.add("b", options);
    clock.now = deadlineMs - 1;
    const { asked } = clock;
    await waitFor("it looked several times for what is overdue", () => clock.asked >= asked + 3);
    assert.deepEqual(delivered, []);
    clock.now = deadlineMs;
    await waitFor("both are delivered", () => delivered.length === 2);
    assert.deepEqual(delivered, ["a", "b"]);
    assert.equal(inFlight.met(first), false);
  });

  test("one that can't be delivered keeps none of the others back", async () => {
    const delivered: string[] = [];
    const failures: unknown[] = [];
    const clock = { now: 0 };
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver({ packet }) {
        if (packet === "broken") throw new Error(packet);
        delivered.push(packet);
      },
      onFailed: (error) => failures.push(error),
      onSettled: () => {},
      now: () => clock.now,
    });
    inFlight.add("broken", options);
    const brought = inFlight.add("a", options);
    assert.equal(inFlight.met(brought), true, "the stream's event is still to be delivered");
    inFlight.add("broken", options);
    inFlight.add("b", options);
    inFlight.deliverAll();
    inFlight.add("broken", options);
    inFlight.add("c", options);
    clock.now = deadlineMs;
    await waitFor("the one after it is delivered at its deadline", () => delivered.length === 2);
    assert.deepEqual(delivered, ["b", "c"]);
    assert.equal(failures.length, 3);
  });

  test("what the stream passed over is delivered before what it brings, and not again", () => {
    const delivered: string[] = [];
    let settled = 0;
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: ({ packet }) => delivered.push(packet),
      onFailed: () => assert.fail(),
      onSettled: () => (settled += 1),
    });
    const [lost, brought, later] = ["a", "b", "c"].map((packet) => inFlight.add(packet, options)) as [
      number,
      number,
      number,
    ];
    assert.equal(inFlight.met(brought), true);
    assert.deepEqual(delivered, ["a"]);
    assert.deepEqual([inFlight.isSettled(), settled], [true, 1]);
    assert.equal(inFlight.met(lost), false);
    assert.equal(inFlight.met(later), true);
    assert.deepEqual(delivered, ["a"]);
  });

  test("all that waits can be delivered at once, before something that must not overtake it", () => {
    const delivered: string[] = [];
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: ({ packet }) => delivered.push(packet),
      onFailed: () => assert.fail(),
      onSettled: () => {},
    });
    inFlight.add("a", options);
    inFlight.deliverNow(inFlight.add("b", options));
    inFlight.deliverAll();
    assert.deepEqual(delivered, ["b", "a"]);
  });

  test("what was delivered early is known until it comes back, or will not", () => {
    let settled = 0;
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: () => {},
      onFailed: () => assert.fail(),
      onSettled: () => (settled += 1),
    });
    const numbers = ["a", "b", "c"].map((packet) => inFlight.add(packet, options));
    inFlight.deliverAll();
    assert.deepEqual(
      inFlight.early()?.map(({ packet }) => packet),
      ["a", "b", "c"],
    );
    assert.equal(inFlight.isSettled(), false);
    inFlight.met(numbers[1] ?? 0);
    assert.deepEqual(
      inFlight.early()?.map(({ packet }) => packet),
      ["c"],
      "what came before it will not come",
    );
    inFlight.drop(numbers[2] ?? 0);
    assert.deepEqual([inFlight.isSettled(), settled], [true, 1]);
  });

  test("more than a moment's pause brings is counted, not kept", () => {
    const inFlight = createInFlight<string>({
      deadlineMs,
      deliver: () => {},
      onFailed: () => assert.fail(),
      onSettled: () => {},
    });
    const numbers = Array.from({ length: 1001 }, () => inFlight.add("x", options));
    inFlight.deliverAll();
    assert.equal(inFlight.early(), undefined);
    inFlight.met(numbers.at(-1) ?? 0);
    assert.deepEqual(inFlight.early(), []);
  });
});
