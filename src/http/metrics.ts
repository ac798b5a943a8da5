import { Hono } from "hono";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export interface MetricsSource {
  connections: () => number;
  documents: () => { open: number; bytes: number };
  mode: () => string;
  redisRoundTripMs: () => number | undefined;
  outbox: () => { entries: number; bytes: number };
}

export type Metrics = ReturnType<typeof createMetrics>;

const modes = ["single", "cluster", "degraded"];

/** This replica's Prometheus metrics, in a registry of its own. */
export function createMetrics(labels: { node: string; runtime: string }) {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  // The default precision of 10 ms wakes an idle process a hundred times a second: 1 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const registers = [registry];

  const events = new Counter({
    name: "trimaran_events_total",
    help: "Events from clients, by event and result: ok, or the code of the refusal.",
    labelNames: ["event", "result"],
    registers,
  });
  const eventSeconds = new Histogram({
    name: "trimaran_event_duration_seconds",
    help: "From an event's arrival to its acknowledgement.",
    labelNames: ["event"],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });

  const gaps = new Counter({
    name: "trimaran_stream_gaps_total",
    help: "Times that events of other replicas may have passed this one by; its clients were told.",
    registers,
  });
  const early = new Counter({
    name: "trimaran_early_deliveries_total",
    help: "Room events delivered here before their turn in the stream, because Redis was slow or away.",
    registers,
  });
  const dropped = new Counter({
    name: "trimaran_outbox_dropped_total",
    help: "Room events that did not fit while Redis was away; members elsewhere were told.",
    registers,
  });
  const slowClients = new Counter({
    name: "trimaran_slow_clients_total",
    help: "Clients disconnected because they did not read.",
    registers,
  });

  const malformed = new Counter({
    name: "trimaran_redis_malformed_total",
    help: "Things read from Redis that no replica of this version writes there; they were left out.",
    labelNames: ["source"],
    registers,
  });

  return {
    registry,
    countMalformed: (source: string): void => malformed.inc({ source }),
    countGap: (): void => gaps.inc(),
    countEarly: (): void => early.inc(),
    countDropped: (): void => dropped.inc(),
    countSlowClient: (): void => slowClients.inc(),

    observeEvent(event: string, result: string, seconds: number): void {
      events.inc({ event, result });
      eventSeconds.observe({ event }, seconds);
    },

    /** Gauges that are read when somebody asks. */
    watch(source: MetricsSource): void {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      gauge("trimaran_connections", "Sockets connected here.", source.connections);
      gauge("trimaran_documents_open", "Documents with members here.", () => source.documents().open);
      gauge("trimaran_documents_bytes", "Bytes of documents kept in memory.", () => source.documents().bytes);
      gauge("trimaran_outbox_entries", "Room events kept to be published.", () => source.outbox().entries);
      gauge("trimaran_outbox_bytes", "Their bytes.", () => source.outbox().bytes);
      gauge(
        "trimaran_redis_round_trip_seconds",
        "The last probe's time; NaN while Redis is away.",
        () => (source.redisRoundTripMs() ?? Number.NaN) / 1000,
      );
      new Gauge({
        name: "trimaran_mode",
        help: "1 for the mode this replica is in.",
        labelNames: ["mode"],
        registers,
        collect() {
          for (const mode of modes) this.set({ mode }, Number(source.mode() === mode));
        },
      });
    },
  };
}

export function metricsRoutes({ registry }: Metrics) {
  const app = new Hono();
  app.get("/", async (c) => c.body(await registry.metrics(), 200, { "content-type": registry.contentType }));
  return app;
}
