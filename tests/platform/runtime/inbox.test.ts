import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import {
  Inbox,
  type Packet,
  hasTooManyPackets,
  waitingInInboxes,
} from "../../../src/platform/runtime/inbox.ts";

/** Collects what an inbox hands over, by turns of the event loop. */
function collect(
  { maxPackets = 5000, maxBytes = 1_000_000 } = {},
  onHandled: (count: number) => void = () => {},
) {
  const turns: number[][] = [];
  const seen = { overflows: 0, backlogs: [] as boolean[] };
  let turn = -1;
  let current = 0;
  const inbox = new Inbox(
    {
      handle({ data }: Packet) {
        if (turn !== current) {
          turns.push([]);
          turn = current;
        }
        turns.at(-1)?.push(Number(data));
        onHandled(turns.flat().length);
      },
      overflow: () => (seen.overflows += 1),
      backlog: (isWaiting) => seen.backlogs.push(isWaiting),
    },
    { maxPackets, maxBytes },
  );
  const count = () => {
    current += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  open.push(() => clearImmediate(immediate));
  return { inbox, turns, seen, handled: () => turns.flat() };
}

/** Looks at turns that go on until they are stopped, also when a test fails. */
const open: (() => void)[] = [];

const packet = (number: number): Packet => ({ type: "message", data: String(number) });
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("the inbox of a connection", () => {
  afterEach(() => open.splice(0).forEach((stop) => stop()));

  test("a few packets are handled at once", () => {
    const { inbox, handled, seen } = collect();
    for (const number of numbers(5)) inbox.add(packet(number));
    assert.deepEqual(handled(), numbers(5));
    assert.deepEqual(seen.backlogs, []);
  });

  test("of many at most 16 are handled in a turn, in order, and the transport pauses meanwhile", async () => {
    const { inbox, turns, handled, seen } = collect();
    for (const number of numbers(500)) inbox.add(packet(number));
    assert.equal(handled().length, 16);
    await waitFor("all are handled", () => handled().length === 500);
    assert.deepEqual(handled(), numbers(500));
    // Two slices may meet between two looks at the turn.
    assert.ok(
      turns.every((each) => each.length <= 32),
      JSON.stringify(turns.map(({ length }) => length)),
    );
    assert.deepEqual(seen.backlogs, [true, false]);
  });

  test("while it is held nothing is handled, and nothing is lost", async () => {
    const { inbox, handled } = collect();
    inbox.hold();
    for (const number of numbers(40)) inbox.add(packet(number));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(handled(), []);
    inbox.resume();
    await waitFor("all are handled", () => handled().length === 40);
    assert.deepEqual(handled(), numbers(40));
  });

  test("one that is held by the last packet that waited has its transport read on when it is resumed", async () => {
    const { inbox, handled, seen } = collect({}, (count) => {
      if (count === 2) inbox.hold();
    });
    inbox.hold();
    for (const number of numbers(2)) inbox.add(packet(number));
    inbox.resume();
    await waitFor("both are handled", () => handled().length === 2);
    assert.deepEqual(seen.backlogs, [true]);
    inbox.resume();
    assert.deepEqual(seen.backlogs, [true, false]);
  });

  test("too many packets, or bytes, end it once, and what waits is forgotten", async () => {
    for (const [bounds, count] of [
      [{ maxPackets: 1000 }, 1100],
      [{ maxBytes: 50 }, 200],
    ] as const) {
      const { inbox, handled, seen } = collect(bounds);
      for (const number of numbers(count)) inbox.add(packet(number));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(seen.overflows, 1);
      assert.equal(handled().length, 16);
    }
  });

  test("one that is closed while packets wait, or by the last of them, has its transport read on", async () => {
    for (const handledBefore of [0, 40]) {
      const { inbox, handled, seen } = collect({}, (count) => {
        if (count === handledBefore) inbox.close();
      });
      for (const number of numbers(40)) inbox.add(packet(number));
      assert.deepEqual(seen.backlogs, [true]);
      if (handledBefore === 0) inbox.close();
      else await waitFor("all are handled", () => handled().length === 40);
      assert.deepEqual(seen.backlogs, [true, false]);
      assert.deepEqual(waitingInInboxes(), { packets: 0, bytes: 0 });
    }
  });

  test("floods on many connections have few packets handled in one turn, all together", async () => {
    const floods = numbers(100).map(() => collect());
    for (const { inbox } of floods) for (const number of numbers(200)) inbox.add(packet(number));
    const handled = () => floods.reduce((sum, flood) => sum + flood.handled().length, 0);
    for (let turns = 0; turns < 4; turns += 1) {
      const before = handled();
      await new Promise((resolve) => setImmediate(resolve));
      // Two turns may meet between two looks.
      assert.ok(handled() - before <= 2 * 528, `${handled() - before} packets`);
    }
    for (const { inbox } of floods) inbox.close();
    assert.deepEqual(waitingInInboxes(), { packets: 0, bytes: 0 });
  });

  test("a flood on one connection leaves others their turn", async () => {
    const flood = collect();
    const other = collect();
    for (const number of numbers(2000)) flood.inbox.add(packet(number));
    for (const number of numbers(20)) other.inbox.add(packet(number));
    let turns = 0;
    for (; other.handled().length < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(turns <= 4, `${turns} turns`);
    assert.ok(flood.handled().length <= (turns + 2) * 16, `${flood.handled().length}`);
    flood.inbox.close();
  });

  test("a body of more packets than may wait is recognised without taking it apart", () => {
    const body = (count: number) => Array.from({ length: count }, () => "3").join("\x1e");
    assert.equal(hasTooManyPackets("40", 1), false);
    assert.equal(hasTooManyPackets(body(1000), 1000), false);
    assert.equal(hasTooManyPackets(body(1001), 1000), true);
  });
});
