import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { scenarios } from "../faults/scenarios/index.ts";

/** No fault of its own to tell an operator of. */
const calm = new Set(["calm", "calm-cold", "reconnects", "random-mix"]);

describe("the runbook", () => {
  const text = readFileSync(join(root, "deploy/runbook.md"), "utf8");
  const named = new Set(
    [...text.matchAll(/\[([a-z-]+(?:, [a-z-]+)*)\](?!\()/g)].flatMap(([, list]) => list?.split(", ") ?? []),
  );

  test("speaks of every fault that the fault suite makes happen, and of no other", () => {
    const faults = scenarios.map(({ name }) => name).filter((name) => !calm.has(name));
    assert.deepEqual([...named].toSorted(), faults.toSorted());
  });
});
