import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { check } from "../../faults/checker.ts";
import type { Outcome } from "../../faults/feature.ts";
import { type History, type Member, createHistory } from "../../faults/history.ts";

const names = ["ada", "bob", "eve"];
const perSender = 10;

/** Every member sends ten messages and gets all, in one order. */
function goodHistory(): History {
  const history = createHistory();
  history.members = names.map((name): Member => ({
    name,
    nodeId: "1",
    deliveries: [],
    connects: [{ at: 0, recovered: false }],
    disconnects: [],
    resyncs: [],
  }));
  for (let seq = 1; seq <= perSender; seq += 1) {
    for (const [index, sender] of names.entries()) {
      const at = seq * 100 + index;
      history.messages.push({ sender, seq, sentAt: at, acknowledgedAt: at + 5 });
      for (const { deliveries } of history.members) deliveries.push({ sender, seq, at: at + 3, local: true });
    }
  }
  return history;
}

function first(history: History): Member {
  const [member] = history.members;
  assert.ok(member);
  return member;
}

/** The one violation of a history that was spoilt like this. */
function violationOf(spoil: (history: History) => void, bounds: Parameters<typeof check>[1] = {}): string {
  const history = goodHistory();
  spoil(history);
  const { violations } = check(history, bounds);
  assert.equal(violations.length, 1, violations.join("; "));
  return violations[0] ?? "";
}

describe("the checker of the fault suite", () => {
  test("finds nothing in a good history, and counts it", () => {
    const bounds = { oneOrder: true, nobodyTold: true, maxAckMs: 5, p99AckMs: 5, p99LocalMs: 3 };
    const { figures, violations } = check(goodHistory(), bounds);
    assert.deepEqual(violations, []);
    assert.equal(figures.sent, 30);
    assert.equal(figures.delivered, 90);
    assert.equal(figures.lost + figures.told + figures.doubled + figures.reordered, 0);
    assert.equal(figures.silenceMs, 98);
  });

  test("finds a delivery that was dropped, and one that came twice", () => {
    const drop = (history: History) => void first(history).deliveries.splice(15, 1);
    const double = (history: History) => {
      const { deliveries } = first(history);
      deliveries.splice(15, 0, ...deliveries.slice(15, 16));
    };
    assert.match(violationOf(drop), /^message lost \(1\)/);
    assert.match(violationOf(double), /^message delivered more than once \(1\)/);
  });

  test("finds two deliveries that changed places", () => {
    const swap = (distance: number) => (history: History) => {
      const { deliveries } = first(history);
      const [one, other] = [deliveries[12], deliveries[12 + distance]];
      assert.ok(one && other);
      deliveries[12] = other;
      deliveries[12 + distance] = one;
    };
    assert.match(violationOf(swap(3)), /^message out of its sender's order/);
    assert.match(violationOf(swap(1), { oneOrder: true }), /^member saw another order/);
  });

  test("another order is excused only where Redis was late, and the machine with it", () => {
    const spoil = (early: number, lateMs: number) => {
      const history = goodHistory();
      const { deliveries } = first(history);
      deliveries.splice(12, 2, ...deliveries.slice(12, 14).toReversed());
      Object.assign(history, { early, rounds: [{ from: 500, to: 500 + lateMs, lateMs }] });
      return check(history, { oneOrder: true }).violations.length;
    };
    assert.equal(spoil(3, 40), 0);
    assert.equal(spoil(3, 10), 1);
    assert.equal(spoil(0, 40), 1);
  });

  test("a message that is missing is told of only by a later reconnect or resync", () => {
    const drop = (history: History) => void first(history).deliveries.splice(15, 1);
    const told = goodHistory();
    drop(told);
    first(told).connects.push({ at: 5000, recovered: false });
    assert.deepEqual(check(told).violations, []);
    assert.equal(check(told).figures.told, 1);
    assert.match(check(told, { nobodyTold: true }).violations.join(), /not recovered/);

    const resynced = goodHistory();
    drop(resynced);
    first(resynced).resyncs.push({ at: 5000, reason: "trimmed" });
    assert.deepEqual(check(resynced).violations, []);

    const rejoined = goodHistory();
    drop(rejoined);
    first(rejoined).connects.push({ at: 50, recovered: false, joinedAt: 5000 });
    assert.deepEqual(check(rejoined).violations, []);

    for (const connect of [
      { at: 5000, recovered: true },
      { at: 50, recovered: false },
    ]) {
      const lost = (history: History) => {
        drop(history);
        first(history).connects.push(connect);
      };
      assert.match(violationOf(lost), /^message lost/, JSON.stringify(connect));
    }
  });

  test("has what features found and counted, and holds their acknowledgements against the bounds", () => {
    const outcome = (...found: string[]): Outcome => ({
      figures: { votes: 7 },
      acks: [{ from: 100, to: 1600 }],
      broken: [["vote is not counted", found]],
    });
    const { figures, violations } = check(goodHistory(), {}, [outcome("ada's", "bob's")]);
    assert.equal(figures["votes"], 7);
    assert.deepEqual(violations, ["vote is not counted (2): ada's, bob's"]);
    assert.deepEqual(check(goodHistory(), {}, [outcome()]).violations, []);
    assert.match(
      check(goodHistory(), { maxAckMs: 1000 }, [outcome()]).violations.join(),
      /^longest acknowledgement in the fault: 1500 ms/,
    );
  });

  test("finds what was never acknowledged, and what nobody sent", () => {
    assert.match(
      violationOf((history) => delete history.messages[4]?.acknowledgedAt),
      /^message never acknowledged/,
    );
    assert.match(
      violationOf((history) =>
        first(history).deliveries.push({ sender: "ada", seq: 99, at: 9000, local: true }),
      ),
      /^message that nobody sent/,
    );
  });

  const late = (ms: number) => (history: History) => {
    const message = history.messages[10];
    if (message) message.acknowledgedAt = message.sentAt + ms;
  };

  test("holds waits against their bounds, in the fault only", () => {
    assert.match(
      violationOf(late(1500), { maxAckMs: 1000 }),
      /longest acknowledgement in the fault: 1500 ms/,
    );
    const elsewhere = goodHistory();
    late(1500)(elsewhere);
    elsewhere.windows.push({ name: "away", from: 800, to: 900 });
    assert.deepEqual(check(elsewhere, { maxAckMs: 1000 }).violations, []);
  });

  test("takes off a wait what the machine took at the time, and no more", () => {
    const machineLate = (ms: number, at: number) => (history: History) => {
      late(1500)(history);
      history.rounds.push({ from: at, to: at + ms, lateMs: ms });
    };
    const history = goodHistory();
    machineLate(600, 1000)(history);
    assert.deepEqual(check(history, { maxAckMs: 1000 }).violations, []);
    assert.match(violationOf(machineLate(400, 1000), { maxAckMs: 1000 }), /: 1100 ms net/);
    assert.match(violationOf(machineLate(600, 9000), { maxAckMs: 1000 }), /: 1500 ms net/);
  });

  test("finds what did not happen within its time, or never", () => {
    const promised = (to: number) => (history: History) => {
      history.promised.push({ what: "edits are everywhere", from: 100, to, maxMs: 2000 });
      history.rounds.push({ from: 200, to: 260, lateMs: 50 });
    };
    assert.match(
      violationOf(promised(2200)),
      /^edits are everywhere: 2050 ms and 50 of the machine's, bound 2000 ms$/,
    );
    assert.match(violationOf(promised(Infinity)), /^edits are everywhere: Infinity ms/);
    const inTime = goodHistory();
    promised(2140)(inTime);
    assert.deepEqual(check(inTime).violations, []);
  });
});
