import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runSideBySide } from "../../support/side-by-side.ts";

interface Item {
  name: string;
  isAlone?: boolean;
}

/** Runs items that end one after the other. @returns what was under way at each start, and the order of starts. */
async function run(items: Item[], jobs: number) {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  const beside: string[][] = [];
  const all = runSideBySide(items, jobs, async ({ name }) => {
    started.push(name);
    beside.push([...running.keys()]);
    await new Promise<void>((resolve) => running.set(name, resolve));
  });
  const over = { is: false };
  void all.then(() => (over.is = true));
  while (!over.is) {
    const [first] = running;
    if (first) {
      running.delete(first[0]);
      first[1]();
    }
    await Promise.resolve();
  }
  return { started, beside };
}

describe("steps side by side", () => {
  const items: Item[] = ["a", "b", "c", "d", "e"].map((name) => ({ name }));

  test("start in their order, never more than so many at a time", async () => {
    const { started, beside } = await run(items, 2);
    assert.deepEqual(started, ["a", "b", "c", "d", "e"]);
    assert.ok(beside.every((others) => others.length < 2));
  });

  test("one that runs alone has no other beside it", async () => {
    const { started, beside } = await run([{ name: "alone", isAlone: true }, ...items], 3);
    assert.deepEqual(started, ["a", "b", "c", "d", "e", "alone"]);
    assert.deepEqual(beside.at(-1), []);
  });

  test("an error of one ends the run", async () => {
    const broken = () => Promise.reject(new Error("broken"));
    await assert.rejects(runSideBySide(items, 2, broken), /broken/);
  });
});
