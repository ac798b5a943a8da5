import type { Logger } from "./log.ts";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";
import { createSharedText } from "./shared-text.ts";

export interface MetricsSource {
  connections: () => number;
  /** Of Engine.IO: also those of clients that are in no namespace. */
  transportConnections: () => number;
  /** Bytes that wait for clients to read them. */
  waitingBytes: () => number;
  /** Held for answers over HTTP that clients have not read yet. */
  answerBytes: () => number;
  /** Kept in memory for clients that may return. */
  sessions: () => number;
  limitRecords: () => number;
  /** Rooms joined, over all connections. */
  joined: () => number;
  mode: () => string;
  redisRoundTripMs: () => number | undefined;
  outbox: () => { entries: number; bytes: number };
}

export type Metrics = ReturnType<typeof createMetrics>;

/** What everything that runs here tells of itself. */
export interface Observability {
  log: Logger;
  metrics: Metrics;
}

const latencyBuckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const lagEveryMs = 250;
const modes = ["single", "cluster", "degraded"];

/** This replica's Prometheus metrics, in a registry of its own. */
export function createMetrics({ version, ...labels }: { version: string; node: string; runtime: string }) {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  // The default precision of 10 ms wakes an idle process a hundred times a second: 1 % of a core.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 });
  const registers = [registry];
  // The default one is a whole second: a replica that is back within it would seem never to have gone.
  registry.removeSingleMetric("process_start_time_seconds");
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds.",
    registers,
  }).set(performance.timeOrigin / 1000);

  const events = new Counter({
    name: "trimaran_events_total",
    help: "Events from clients, by event (joins are join-document) and result: ok, or the code of the refusal.",
    labelNames: ["event", "result"],
    registers,
  });
  const eventSeconds = new Histogram({
    name: "trimaran_event_duration_seconds",
    help: "From an event's arrival to its acknowledgement.",
    labelNames: ["event"],
    buckets: latencyBuckets,
    registers,
  });

  const deliverySeconds = new Histogram({
    name: "trimaran_delivery_duration_seconds",
    help: "From sending an event to delivering it to members on the same replica, through Redis (empty in single mode); at most one event a millisecond is measured.",
    buckets: latencyBuckets,
    registers,
  });
  const hopSeconds = new Histogram({
    name: "trimaran_replica_hop_duration_seconds",
    help: "From Redis taking an event of another replica to its delivery here, by Redis' clock, which is known to half a round trip; at most one event a millisecond is measured.",
    buckets: latencyBuckets,
    registers,
  });
  const lagSeconds = new Histogram({
    name: "trimaran_event_loop_lag_seconds",
    help: "How late a timer of this process was, four times a second; measured alike on all runtimes.",
    buckets: latencyBuckets,
    registers,
  });
  // By hand: of Node's own measure Node counts the time between two samples as well, and Deno nothing at all.
  let dueAt = performance.now() + lagEveryMs;
  const lagTimer = setInterval(() => {
    const now = performance.now();
    lagSeconds.observe(Math.max(0, now - dueAt) / 1000);
    dueAt = now + lagEveryMs;
  }, lagEveryMs);
  lagTimer.unref();

  const recoveries = new Counter({
    name: "trimaran_recoveries_total",
    help: "Clients that reconnected, by outcome: recovered; or not, because their session was unknown, their offset was not a true one (unsettled), this replica lacked what they missed (missed), or that was found only afterwards (dropped).",
    labelNames: ["outcome"],
    registers,
  });
  for (const outcome of ["recovered", "unsettled", "unknown", "missed", "dropped"])
    recoveries.inc({ outcome }, 0);
  new Gauge({
    name: "trimaran_build_info",
    help: "1, for this version.",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);

  const gaps = new Counter({
    name: "trimaran_stream_gaps_total",
    help: "Gaps in the stream: times that this replica may have missed events of others; its clients get a resync.",
    registers,
  });
  const early = new Counter({
    name: "trimaran_early_deliveries_total",
    help: "Room events delivered here before their turn in the stream, because Redis was slow or down.",
    registers,
  });
  const deadlinesMissed = new Counter({
    name: "trimaran_redis_deadlines_missed_total",
    help: "Commands to Redis that were given up at their deadline. After the first one events no longer wait.",
    registers,
  });
  const dropped = new Counter({
    name: "trimaran_outbox_dropped_total",
    help: "Room events that did not fit into the outbox while Redis was down; members on other replicas get a resync.",
    registers,
  });
  const malformed = new Counter({
    name: "trimaran_redis_malformed_total",
    help: "Entries, messages and documents that were dropped because Redis held something else, by place.",
    labelNames: ["source"],
    registers,
  });
  const uncaught = new Counter({
    name: "trimaran_uncaught_errors_total",
    help: "Errors that nothing caught, as of a listener of the app; each is in the log with its stack, and the process goes on.",
    registers,
  });
  const slowClients = new Counter({
    name: "trimaran_slow_clients_total",
    help: "Clients disconnected because they did not read.",
    registers,
  });

  const refused = new Counter({
    name: "trimaran_refused_total",
    help: "Requests, connections and events refused or cut off, by reason; docs/operations/security.md lists them.",
    labelNames: ["reason"],
    registers,
  });

  new Gauge({
    name: "trimaran_metrics_timestamp_seconds",
    help: "When these figures were read, in seconds since unix epoch: at most once a second, for all who ask.",
    registers,
    collect() {
      this.set(Date.now() / 1000);
    },
  });

  const passwordChecks = new Counter({
    name: "trimaran_password_checks_total",
    help: "Passwords for the Admin UI that were compared with its hash, one at a time.",
    registers,
  });

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(orNaN(read));
      },
    });
  }

  return {
    registry,
    /** A figure that is read whenever metrics are; NaN where reading it throws. */
    gauge,
    /** @returns what counts one more. */
    counter(name: string, help: string): () => void {
      const counter = new Counter({ name, help, registers });
      return () => counter.inc();
    },
    text: createSharedText(() => registry.metrics()),
    close: (): void => clearInterval(lagTimer),
    countRefused: (reason: string): void => refused.inc({ reason }),
    countRecovery: (outcome: string): void => recoveries.inc({ outcome }),
    observeDelivery: (seconds: number): void => deliverySeconds.observe(seconds),
    observeHop: (seconds: number): void => hopSeconds.observe(seconds),
    countGap: (): void => gaps.inc(),
    countEarly: (): void => early.inc(),
    countDeadlineMissed: (): void => deadlinesMissed.inc(),
    countDropped: (): void => dropped.inc(),
    countMalformed: (source: string): void => malformed.inc({ source }),
    countPasswordCheck: (): void => passwordChecks.inc(),
    countSlowClient: (): void => slowClients.inc(),
    countUncaught: (): void => uncaught.inc(),

    observeEvent(event: string, result: string, seconds: number): void {
      events.inc({ event, result });
      eventSeconds.observe({ event }, seconds);
    },

    /** Gauges that are read when somebody asks. */
    watch(source: MetricsSource): void {
      gauge("trimaran_connections", "Sockets connected here.", source.connections);
      gauge(
        "trimaran_transport_connections",
        "Engine.IO connections here, also those of clients that are in no namespace.",
        source.transportConnections,
      );
      gauge("trimaran_waiting_bytes", "Bytes that wait for clients to read them.", source.waitingBytes);
      gauge(
        "trimaran_answers_bytes",
        "Bytes held for answers over HTTP that clients have not read yet.",
        source.answerBytes,
      );
      gauge(
        "trimaran_sessions",
        "Sessions that this process keeps for clients to recover; 0 with Redis, which keeps them.",
        source.sessions,
      );
      gauge(
        "trimaran_limit_records",
        "Addresses and users that this process keeps a count of, for each limit.",
        source.limitRecords,
      );
      gauge("trimaran_joined_documents", "Documents joined, over all sockets here.", source.joined);
      gauge("trimaran_outbox_entries", "Room events kept to be published.", () => source.outbox().entries);
      gauge("trimaran_outbox_bytes", "Bytes of room events in the outbox.", () => source.outbox().bytes);
      gauge(
        "trimaran_redis_round_trip_seconds",
        "A round trip to Redis, smoothed; NaN while Redis is down.",
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

/** A store that is broken must not take all other metrics with it. */
function orNaN(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}
