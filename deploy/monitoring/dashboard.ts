import { type Row, rows as featureRows } from "./features.ts";

/*
 * What grafana-dashboard.json is made of, for Grafana from 10 on (Dashboards, New, Import): `npm run docs` writes it.
 * A feature's own row is in its folder: src/features/<name>/monitoring/dashboard.json.
 */

const quantile = (q: number, histogram: string, by = "node") =>
  `histogram_quantile(${q}, sum by (${by}, le) (rate(${histogram}_bucket[$__rate_interval])))`;
const rate = (counter: string, by: string) => `sum by (${by}) (rate(${counter}[$__rate_interval]))`;

const platformRows: Row[] = [
  {
    title: "People",
    panels: [
      {
        title: "Connections",
        description: "Sockets on each replica. They should be about as many everywhere.",
        unit: "short",
        targets: [["trimaran_connections", "{{node}}"]],
      },
      {
        title: "Rooms joined",
        description: "Over all sockets of each replica.",
        unit: "short",
        targets: [["trimaran_joined_documents", "{{node}}"]],
      },
      {
        title: "Clients that reconnected",
        description: "recovered: they missed nothing. All others started over, and say why.",
        unit: "ops",
        targets: [[rate("trimaran_recoveries_total", "outcome"), "{{outcome}}"]],
      },
    ],
  },
  {
    title: "Events",
    panels: [
      {
        title: "Events a second",
        description: "From clients, accepted or refused.",
        unit: "ops",
        targets: [[rate("trimaran_events_total", "event"), "{{event}}"]],
      },
      {
        title: "Refused events a second",
        description: "By the code that the client got.",
        unit: "ops",
        targets: [[rate('trimaran_events_total{result!="ok"}', "result"), "{{result}}"]],
      },
      {
        title: "From arrival to acknowledgement",
        description: "All events; an acknowledged change is stored.",
        unit: "s",
        targets: [
          [quantile(0.5, "trimaran_event_duration_seconds"), "{{node}} p50"],
          [quantile(0.99, "trimaran_event_duration_seconds"), "{{node}} p99"],
        ],
      },
    ],
  },
  {
    title: "Between replicas",
    panels: [
      {
        title: "Delivery on the own replica",
        description: "From sending an event to giving it to members, through the stream.",
        unit: "s",
        targets: [
          [quantile(0.5, "trimaran_delivery_duration_seconds"), "{{node}} p50"],
          [quantile(0.99, "trimaran_delivery_duration_seconds"), "{{node}} p99"],
        ],
      },
      {
        title: "Hop from another replica",
        description: "From Redis taking an event to its delivery here.",
        unit: "s",
        targets: [
          [quantile(0.5, "trimaran_replica_hop_duration_seconds"), "{{node}} p50"],
          [quantile(0.99, "trimaran_replica_hop_duration_seconds"), "{{node}} p99"],
        ],
      },
      {
        title: "Round trip to Redis",
        description: "Of the probes, smoothed; no line while Redis is down.",
        unit: "s",
        targets: [["trimaran_redis_round_trip_seconds", "{{node}}"]],
      },
    ],
  },
  {
    title: "When Redis is down",
    panels: [
      {
        title: "Degraded",
        description: "1: the replica works without Redis.",
        unit: "short",
        targets: [['trimaran_mode{mode="degraded"}', "{{node}}"]],
      },
      {
        title: "Kept until Redis is up",
        description: "Room events in the outbox, which is empty soon after Redis is up.",
        unit: "short",
        targets: [["trimaran_outbox_entries", "{{node}}"]],
      },
      {
        title: "Gaps, drops, early deliveries",
        description: "The clients concerned got a resync for each.",
        unit: "ops",
        targets: [
          [rate("trimaran_stream_gaps_total", "node"), "{{node}} gaps"],
          [rate("trimaran_outbox_dropped_total", "node"), "{{node}} dropped"],
          [rate("trimaran_early_deliveries_total", "node"), "{{node}} early"],
        ],
      },
    ],
  },
  {
    title: "Limits",
    panels: [
      {
        title: "Refused by limits and origin",
        description: "Requests, connections and events, by the name of the limit.",
        unit: "ops",
        targets: [[rate("trimaran_refused_total", "reason"), "{{reason}}"]],
      },
      {
        title: "Clients that did not read",
        description: "Disconnected after MAX_BUFFERED_BYTES.",
        unit: "ops",
        targets: [[rate("trimaran_slow_clients_total", "node"), "{{node}}"]],
      },
      {
        title: "What no replica writes to Redis",
        description: "Left out. Grows while versions are mixed.",
        unit: "ops",
        targets: [[rate("trimaran_redis_malformed_total", "source"), "{{source}}"]],
      },
    ],
  },
  {
    title: "Process",
    panels: [
      {
        title: "Event loop lag",
        description: "How late a timer is: what everything else waits for, too.",
        unit: "s",
        targets: [
          [quantile(0.5, "trimaran_event_loop_lag_seconds"), "{{node}} p50"],
          [quantile(0.99, "trimaran_event_loop_lag_seconds"), "{{node}} p99"],
        ],
      },
      {
        title: "Processor",
        description: "Of one core.",
        unit: "percentunit",
        targets: [[rate("process_cpu_seconds_total", "node"), "{{node}}"]],
      },
      {
        title: "Memory",
        description: "Resident.",
        unit: "bytes",
        targets: [["process_resident_memory_bytes", "{{node}}"]],
      },
      {
        title: "Versions",
        description: "Replicas of each version.",
        unit: "short",
        targets: [["count by (version, runtime) (trimaran_build_info)", "{{version}} on {{runtime}}"]],
      },
    ],
  },
];

const rows = [...platformRows, ...featureRows];

const datasource = { type: "prometheus", uid: "${datasource}" };
const [width, height] = [8, 8];

function panels(): object[] {
  const made: object[] = [];
  let y = 0;
  for (const { title, panels: inRow } of rows) {
    made.push({
      id: made.length + 1,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    for (const [index, { title: name, description, unit, targets }] of inRow.entries()) {
      made.push({
        id: made.length + 1,
        type: "timeseries",
        title: name,
        description,
        datasource,
        gridPos: { x: (index % 3) * width, y: y + Math.floor(index / 3) * height, w: width, h: height },
        fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 8, lineWidth: 2 } }, overrides: [] },
        options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
        targets: targets.map(([expr, legendFormat], at) => ({
          refId: String.fromCodePoint(65 + at),
          datasource,
          expr,
          legendFormat,
        })),
      });
    }
    y += Math.ceil(inRow.length / 3) * height;
  }
  return made;
}

/** The dashboard's JSON. */
export const dashboard = `${JSON.stringify(
  {
    uid: "trimaran",
    title: "Trimaran",
    tags: ["trimaran"],
    schemaVersion: 39,
    refresh: "10s",
    time: { from: "now-30m", to: "now" },
    templating: {
      list: [{ name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" }],
    },
    panels: panels(),
  },
  null,
  1,
)}\n`;

/** Every expression in it, as Prometheus takes it. */
export const expressions = rows.flatMap((row) =>
  row.panels.flatMap(({ targets }) =>
    targets.map(([expression]) => expression.replaceAll("$__rate_interval", "1m")),
  ),
);
