import { shown } from "../../../tests/bench/results.ts";
import { bench, has } from "../results.ts";
import { table } from "../table.ts";

/** What a server takes, as the latest run of the benchmark measured it. */
export default function sizing(): string {
  function median(scenario: string, contender: string, figure: string): number {
    const found = bench.scenarios
      .find(({ name }) => name === scenario)
      ?.contenders.find(({ name }) => name === contender)?.figures[figure];
    if (!found) throw new Error(`tests/bench/results.json has no ${figure} of ${contender} in ${scenario}`);
    return found.median;
  }

  const perRuntime = (what: string, scenario: string, figure: string, unit: string, scale = 1) => [
    what,
    ...["node", "bun", "deno"].map(
      (runtime) => `${shown(median(scenario, `Trimaran on ${runtime}`, figure) / scale)} ${unit}`,
    ),
  ];
  const sizes = [1, 2, 3, 6];
  const ofCluster = (what: string, show: (contender: string, size: number) => string) => [
    what,
    ...sizes.map((size) => show(`${size} replica${size === 1 ? "" : "s"}`, size)),
  ];
  const work = (contender: string, figure: string) =>
    median("scale", contender, figure) / median("scale", "1 replica", figure);

  return [
    `Measured on ${bench.date}: ${bench.hardware}.\n`,
    table(
      ["", "Node", "Bun", "Deno"],
      [
        perRuntime("memory of an idle connection", "idle", "bytesPerConnection", "KB", 1000),
        perRuntime("a delivery: rooms of 50, bursts of 10", "fan-out", "textUsPerDelivery", "µs"),
        perRuntime("a delivery: sparse, each packet alone", "fan-out", "sparseUsPerDelivery", "µs"),
        ...(has("typing")
          ? [perRuntime("an edit: all processes of three replicas", "typing", "cpuUsPerEdit", "ms", 1000)]
          : []),
        perRuntime("messages a second to another replica", "hop-loaded", "messagesPerSecond", ""),
      ].map((row) => row.map((cell) => cell.trim())),
    ),
    "",
    table(
      ["replicas, with the same load", ...sizes.map(String)],
      [
        ofCluster("work of all replicas and Redis", (of) => shown(work(of, "totalPercent"))),
        ofCluster("work of each replica", (of) => shown(work(of, "replicaPercent"))),
        ofCluster("Redis, of a core", (of) => `${Math.round(median("scale", of, "redisPercent"))} %`),
      ],
    ),
  ].join("\n");
}
