import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { describe, test } from "node:test";
import { ratioTable } from "../../bench/against.ts";
import { compare, isBetterWhen, leastMargin, marginOf } from "../../bench/ratios.ts";

describe("ratios of the benchmark", () => {
  test("each run of the other commit is compared with the two runs of this tree around it", () => {
    // The machine gets slower all the time: the ratio does not.
    const { ratio } = compare({ now: [10, 14, 18], before: [12, 16] }, "lower", 0.1);
    assert.deepEqual(ratio, { median: 1, min: 1, max: 1 });
  });

  test("the verdict depends on what is better, and needs more than the margin", () => {
    const halved = { now: [5, 5, 5], before: [10, 10] };
    assert.equal(compare(halved, "lower", 0.2).verdict, "better");
    assert.equal(compare(halved, "higher", 0.2).verdict, "worse");
    assert.equal(compare(halved, "neither", 0.2).verdict, "");
    assert.equal(compare({ now: [12, 12, 12], before: [10, 10] }, "lower", 0.1).verdict, "worse");
    assert.equal(compare({ now: [10.5, 10.5, 10.5], before: [10, 10] }, "lower", 0.1).verdict, "");
  });

  test("no verdict with one round, or with rounds on both sides of 1", () => {
    assert.equal(compare({ now: [5, 5], before: [10] }, "lower", 0.1).verdict, "");
    assert.equal(compare({ now: [20, 20, 20, 20], before: [10, 10, 40] }, "lower", 0.1).verdict, "");
  });

  test("nothing lost on both sides is no difference", () => {
    const { ratio, verdict } = compare({ now: [0, 0], before: [0] }, "lower", leastMargin);
    assert.deepEqual([ratio.median, verdict], [1, ""]);
    assert.equal(compare({ now: [1, 1, 1], before: [0, 0] }, "lower", leastMargin).verdict, "worse");
  });

  test("the margin is the largest distance of neighbouring runs of one commit, of all contenders", () => {
    const quiet = { now: [100, 101, 100], before: [300, 300] };
    assert.equal(marginOf([quiet]), leastMargin);
    const loud = { now: [100, 101, 100], before: [300, 200] };
    assert.ok(Math.abs(marginOf([quiet, loud]) - 0.5) < 1e-9);
    assert.equal(marginOf([]), leastMargin);
  });

  test("more is better of rates, less of all else", () => {
    assert.equal(isBetterWhen("messagesPerSecond"), "higher");
    assert.equal(isBetterWhen("textUsPerDelivery"), "lower");
    assert.equal(isBetterWhen("lost"), "lower");
    assert.equal(isBetterWhen("presencePacketsPerSecond", ["presencePacketsPerSecond"]), "neither");
  });

  test("the table has a line for each figure, with verdicts", () => {
    const worse = compare({ now: [20, 20, 20], before: [10, 10] }, "lower", 0.1);
    const same = compare({ now: [10, 10], before: [10] }, "lower", 0.1);
    const ratios = new Map([
      ["textUsPerDelivery", worse],
      ["lost", same],
    ]);
    const lines = ratioTable({ contenders: [{ name: "Trimaran on bun", ratios }], problems: [] });
    assert.deepEqual(
      lines.map((line) => stripVTControlCharacters(line).trim().replaceAll(/ {2,}/g, " | ")),
      [
        "Trimaran on bun | text, µs per delivery | 2 (2-2) | ±10 % | worse",
        "Trimaran on bun | lost | 1 (1-1) | ±10 %",
      ],
    );
  });
});
