import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMetrics } from "../../../src/platform/observability/metrics.ts";
import { createSharedText } from "../../../src/platform/observability/shared-text.ts";

describe("the text of all metrics", () => {
  test("is made at most once a second, one at a time, and is the same bytes for all", async () => {
    let now = 0;
    let made = 0;
    const makings: (() => void)[] = [];
    const text = createSharedText(
      async () => {
        made += 1;
        await new Promise<void>((resolve) => makings.push(resolve));
        return `made ${made}`;
      },
      () => now,
    );
    const first = text();
    now += 5000;
    const meanwhile = text();
    makings[0]?.();
    assert.equal(await first, await meanwhile);
    now += 999;
    assert.equal(await text(), await first);
    now += 1;
    const next = text();
    makings[1]?.();
    assert.equal(new TextDecoder().decode(await next), "made 2");
    assert.equal(made, 2);
  });
});

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
