import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createJournal } from "../../../deploy/local/control-room/journal.ts";
import {
  bucketsOf,
  bucketsSince,
  parseMetrics,
  quantile,
  sumOf,
} from "../../../deploy/local/control-room/prometheus.ts";
import { createRates } from "../../../deploy/local/control-room/rates.ts";

const text = (events: number, fast: number, all: number) => `# HELP trimaran_events_total Events.
# TYPE trimaran_events_total counter
trimaran_events_total{event="join-document",result="ok",node="1-node"} 1
trimaran_events_total{event="send-changes",result="o\\"k, {x}",node="1-node"} ${events - 1}
trimaran_event_duration_seconds_bucket{le="0.001",event="send-changes"} ${fast}
trimaran_event_duration_seconds_bucket{le="0.01",event="send-changes"} ${all}
trimaran_event_duration_seconds_bucket{le="+Inf",event="send-changes"} ${all}
trimaran_redis_round_trip_seconds{node="1-node"} Nan

nonsense
`;

describe("the control room's figures", () => {
  test("Prometheus' text is read, whatever is in the labels", () => {
    const samples = parseMetrics(text(12, 5, 10));
    assert.equal(sumOf(samples, "trimaran_events_total"), 12);
    assert.equal(samples[1]?.labels["result"], 'o\\"k, {x}');
    assert.equal(sumOf(samples, "no_such_metric"), 0);
    assert.deepEqual(
      [...bucketsOf(samples, "trimaran_event_duration_seconds")],
      [
        [0.001, 5],
        [0.01, 10],
        [Infinity, 10],
      ],
    );
  });

  test("quantiles are those of histogram_quantile", () => {
    const buckets = new Map([
      [0.001, 50],
      [0.01, 100],
      [Infinity, 100],
    ]);
    assert.equal(quantile(buckets, 0.5), 0.001);
    assert.ok(Math.abs((quantile(buckets, 0.75) ?? 0) - 0.0055) < 1e-9);
    assert.equal(
      quantile(
        new Map([
          [0.001, 0],
          [Infinity, 4],
        ]),
        0.5,
      ),
      0.001,
      "no more than the last bound is known",
    );
    assert.equal(quantile(new Map(), 0.5), undefined);
    assert.equal(
      quantile(
        new Map([
          [1, 0],
          [Infinity, 0],
        ]),
        0.5,
      ),
      undefined,
    );
  });

  test("a process that began anew is not compared with the one before", () => {
    const later = new Map([
      [1, 2],
      [Infinity, 3],
    ]);
    assert.deepEqual(
      bucketsSince(
        new Map([
          [1, 10],
          [Infinity, 10],
        ]),
        later,
      ),
      later,
    );
    const rates = createRates();
    rates.add(0, parseMetrics(text(1000, 900, 999)));
    assert.equal(rates.add(500, parseMetrics(text(10, 5, 9))).eventsPerSecond, 0);
    assert.equal(rates.add(1000, parseMetrics(text(15, 5, 14))).eventsPerSecond, 10);
  });

  test("messages per second are those of the last moments, percentiles those of the last seconds", () => {
    const rates = createRates();
    assert.deepEqual(rates.add(0, parseMetrics(text(100, 0, 99))), {
      eventsPerSecond: 0,
      p50Ms: undefined,
      p99Ms: undefined,
    });
    const figures = rates.add(1000, parseMetrics(text(120, 20, 119)));
    assert.equal(figures.eventsPerSecond, 20);
    assert.equal(figures.p50Ms, 0.5);
    for (let at = 1500; at <= 7000; at += 500) rates.add(at, parseMetrics(text(120, 20, 119)));
    assert.deepEqual(rates.add(7500, parseMetrics(text(120, 20, 119))), {
      eventsPerSecond: 0,
      p50Ms: undefined,
      p99Ms: undefined,
    });
  });

  test("the log keeps a bounded number of lines, and gives those that are new", () => {
    const journal = createJournal(() => 7);
    for (let line = 1; line <= 500; line += 1) journal.add(`line ${line}`);
    assert.equal(journal.after(0).length, 200);
    assert.deepEqual(journal.after(499), [{ id: 500, at: 7, text: "line 500", kind: "note" }]);
  });
});
