import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMetrics } from "../../../src/http/metrics.ts";

describe("the metrics of a process", () => {
  test("say when it started, so exactly that a quick restart is seen", async () => {
    const metrics = createMetrics({ version: "0", node: "a", runtime: "b" });
    const text = await metrics.registry.metrics();
    metrics.close();
    const startedAt = Number(/^process_start_time_seconds{.*} (\S+)$/m.exec(text)?.[1]);
    assert.ok(!Number.isInteger(startedAt), String(startedAt));
    assert.equal(startedAt, performance.timeOrigin / 1000);
  });
});
