import { createMetrics, type MetricsSource } from "../../../src/platform/observability/metrics.ts";
import { table } from "../table.ts";

/** prom-client's types leave out what a metric has besides. */
interface Metric {
  name: string;
  help: string;
  type: string;
  labelNames: string[];
}

/** Every metric that a server has, those of prom-client included. */
export function serverMetrics(): Metric[] {
  const metrics = createMetrics({ version: "", node: "", runtime: "" });
  // No value is read here, so that there need not be any.
  metrics.watch({} as MetricsSource);
  metrics.close();
  return metrics.registry.getMetricsAsArray() as unknown as Metric[];
}

/** The server's own metrics. */
export default function metrics(): string {
  const rows = serverMetrics()
    .filter(({ name }) => name.startsWith("trimaran_"))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, labelNames, type, help }) => [
      `\`${name}${labelNames.length > 0 ? `{${labelNames.join()}}` : ""}\``,
      type,
      help,
    ]);
  return table(["metric", "kind", "what it tells"], rows);
}
