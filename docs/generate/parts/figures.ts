import { bench, figure, has } from "../results.ts";
import { shown } from "../../../tests/bench/results.ts";
import { table } from "../table.ts";

type Row = [what: string, scenario: string, figure: string, scale?: number];

const againstSocketIo: Row[] = [
  ["a delivery, bursts of ten, text, µs", "fan-out", "textUsPerDelivery"],
  ["a delivery, bursts of ten, binary, µs", "fan-out", "binaryUsPerDelivery"],
  ["a delivery, one at a time, µs", "fan-out", "sparseUsPerDelivery"],
  ["a room of 5,000: until the last has a message, ms", "one-room", "lastDeliveryMs"],
  ["an idle connection, KB", "idle", "bytesPerConnection", 1000],
];
const overRedis: Row[] = [
  ["to another replica, idle, p50, ms", "hop-idle", "p50Ms"],
  ["to another replica, loaded, messages a second", "hop-loaded", "messagesPerSecond"],
];
const againstHocuspocus: Row[] = [
  ["until an edit is seen, median, ms", "typing", "medianMs"],
  ["until an edit is seen, p99, ms", "typing", "p99Ms"],
  ["an edit, all processes, ms of processor time", "typing", "cpuUsPerEdit", 1000],
  ["1,000 join 4 MB: until the last has it, ms", "join-storm", "lastMs"],
  ["1,000 join 4 MB: memory that it takes, MB", "join-storm", "peakGrowthMb"],
];

const own = ["Trimaran on node", "Trimaran on bun", "Trimaran on deno"];

/** Nothing where the run had none of the scenarios. */
function compare(rows: Row[], others: string[]): string[] {
  const contenders = [...own, ...others];
  const measured = rows.filter(([, scenario]) => has(scenario));
  if (measured.length === 0) return [];
  const cells = measured.map(([what, scenario, name, scale]) => [
    what,
    ...contenders.map((contender) => figure(scenario, contender, name, scale)),
  ]);
  return [table(["", ...contenders], cells), ""];
}

/** Medians of the latest run of the benchmark, and each goal that it missed. */
export default function figures(): string {
  const missed = bench.scenarios.flatMap(({ title, goals }) =>
    goals
      .filter(({ met }) => !met)
      .map((goal) => [title.split(":")[0] ?? title, goal.title, goal.bound, shown(goal.measured.median)]),
  );
  return [
    `Measured on ${bench.date}: ${bench.hardware}.\n`,
    ...compare(againstSocketIo, ["Socket.IO on node", "Socket.IO on bun's engine", "Socket.IO on deno"]),
    ...compare(overRedis, ["streams adapter on node", "streams adapter on bun", "pub/sub adapter on node"]),
    ...compare(againstHocuspocus, ["Hocuspocus on node"]),
    "Goals that were missed:\n",
    table(["scenario", "goal", "bound", "measured"], missed),
  ].join("\n");
}
