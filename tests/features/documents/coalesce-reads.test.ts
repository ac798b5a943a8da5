import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { coalesceReads } from "../../../src/features/documents/coalesce-reads.ts";

describe("shared read", () => {
  test("who asks during a read gets one that starts after asking", async () => {
    let finish = () => {};
    let reads = 0;
    const read = coalesceReads(async () => {
      reads += 1;
      await new Promise<void>((resolve) => (finish = resolve));
    });
    const first = read("a");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(reads, 1);
    const late = [read("a"), read("a")];
    finish();
    await first;
    await waitFor("the second read starts", () => reads === 2);
    finish();
    await Promise.all(late);
    assert.equal(reads, 2);
  });

  test("a failed read fails its callers and nobody after", async () => {
    let fail = true;
    const read = coalesceReads(async () => {
      if (fail) throw new Error("no");
    });
    const results = await Promise.allSettled([read("a"), read("a")]);
    assert.ok(results.every(({ status }) => status === "rejected"));
    fail = false;
    await read("a");
  });

  test("keys do not wait for each other", async () => {
    const read = coalesceReads((key) => (key === "slow" ? new Promise(() => {}) : Promise.resolve()));
    void read("slow");
    await read("quick");
  });
});
