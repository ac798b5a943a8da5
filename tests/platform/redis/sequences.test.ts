import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSequences } from "../../../src/platform/redis/sequences.ts";

describe("sequences", () => {
  test("numbers in turn are new, seen ones are repeated", () => {
    const sequences = createSequences();
    assert.deepEqual(
      [5, 6, 6, 5, 7].map((number) => sequences.judge("a", number)),
      ["new", "new", "repeated", "repeated", "new"],
    );
    assert.equal(sequences.judge("b", 1), "new", "publishers are apart");
  });

  test("a missing number is a gap, told once; it is taken if it comes late, and then once", () => {
    const sequences = createSequences();
    assert.deepEqual(
      [1, 4, 5, 3, 3, 2, 6].map((number) => sequences.judge("a", number)),
      ["new", "after-a-gap", "new", "new", "repeated", "new", "new"],
    );
  });

  test("memory is bounded", () => {
    const sequences = createSequences();
    sequences.judge("a", 1);
    assert.equal(sequences.judge("a", 10_000_000), "after-a-gap");
    for (let number = 0; number < 2000; number += 1) sequences.judge(`publisher ${number}`, 1);
    assert.equal(sequences.judge("a", 10_000_000), "new", "the publisher heard of longest ago is forgotten");
  });
});
