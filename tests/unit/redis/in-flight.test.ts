import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createInFlight } from "../../../src/redis/in-flight.ts";
import { waitFor } from "../../../deploy/local/process.ts";

const deadlineMs = 50;
const options = { rooms: new Set<string>() };

describe("broadcasts in flight", () => {
  test("what the stream brings back is not delivered here", () => {
    const delivered: string[] = [];
    const inFlight = createInFlight<string>(
      () => deadlineMs,
      (packet) => delivered.push(packet),
    );
    assert.equal(inFlight.met(inFlight.add("a", options)), true);
    inFlight.deliverAll();
    assert.deepEqual(delivered, []);
  });

  test("what it does not bring back in time is delivered, in order, and skipped if it comes later", async () => {
    const delivered: string[] = [];
    const inFlight = createInFlight<string>(
      () => deadlineMs,
      (packet) => delivered.push(packet),
    );
    const startedAt = performance.now();
    const first = inFlight.add("a", options);
    inFlight.add("b", options);
    await waitFor("both are delivered", () => delivered.length === 2);
    assert.deepEqual(delivered, ["a", "b"]);
    assert.ok(performance.now() - startedAt >= deadlineMs - 5);
    assert.equal(inFlight.met(first), false);
  });

  test("all that waits can be delivered at once, before something that must not overtake it", () => {
    const delivered: string[] = [];
    const inFlight = createInFlight<string>(
      () => deadlineMs,
      (packet) => delivered.push(packet),
    );
    inFlight.add("a", options);
    inFlight.deliverNow(inFlight.add("b", options));
    inFlight.deliverAll();
    assert.deepEqual(delivered, ["b", "a"]);
  });
});
