import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { pino } from "pino";
import { waitFor } from "../../../deploy/local/process.ts";
import { createAvailability } from "../../../src/platform/redis/availability.ts";
import type { RedisLink } from "../../../src/platform/redis/connection-supervisor.ts";
import { createSignal } from "../../../src/platform/util/signal.ts";

/** A link that is up or down as the test says. */
function createFakeLink() {
  const changed = createSignal<boolean>();
  const state = { up: false, lastError: "not connected yet" };
  const link = {
    onChange: changed.on,
    isUp: () => state.up,
    status: () => ({
      up: state.up,
      lastError: state.up ? undefined : state.lastError,
      roundTripMs: undefined,
    }),
  } as unknown as RedisLink;
  const set = (up: boolean) => {
    state.up = up;
    changed.emit(up);
  };
  return { link, state, set };
}

describe("why Redis does not respond, in the log", () => {
  const open: { close(): void }[] = [];
  afterEach(() => open.splice(0).forEach((each) => each.close()));

  function start() {
    const lines: { msg: string; reason?: string }[] = [];
    const log = pino(
      {},
      { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    );
    const fake = createFakeLink();
    const availability = createAvailability(fake.link, log);
    open.push(availability);
    return { ...fake, availability, reasons: () => lines.flatMap(({ reason }) => reason ?? []) };
  }

  test("a reason that shows later than the first is logged too, each once", async () => {
    const { state, availability, reasons } = start();
    availability.tellAway();
    assert.deepEqual(reasons(), ["not connected yet"]);
    state.lastError = "WRONGPASS";
    await waitFor("the second is logged", () => reasons().length === 2);
    state.lastError = "not connected yet";
    availability.tellAway();
    assert.deepEqual(reasons(), ["not connected yet", "WRONGPASS"]);
  });

  test("reasons without end are logged five times an outage; the next outage begins anew", async () => {
    const { state, set, availability, reasons } = start();
    for (let count = 0; count < 20; count += 1) {
      state.lastError = `reason ${count}`;
      availability.tellAway();
    }
    assert.equal(reasons().length, 5);
    set(true);
    set(false);
    await waitFor("the next outage is logged", () => reasons().length === 6);
    assert.equal(availability.isThere(), false);
  });
});
