import { withApp } from "../describe-app.ts";
import { table } from "../table.ts";

/** prom-client's types leave out what a metric has besides. */
interface Metric {
  name: string;
  help: string;
  type: string;
  labelNames: string[];
}

/** Every metric that a server has, those of features and of prom-client included. */
export function serverMetrics(): Promise<Metric[]> {
  return withApp(
    ({ observability }) => observability.metrics.registry.getMetricsAsArray() as unknown as Metric[],
  );
}

/** The server's own metrics. */
export default async function metrics(): Promise<string> {
  const rows = (await serverMetrics())
    .filter(({ name }) => name.startsWith("trimaran_"))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, labelNames, type, help }) => [
      `\`${name}${labelNames.length > 0 ? `{${labelNames.join()}}` : ""}\``,
      type,
      help,
    ]);
  return table(["metric", "kind", "meaning"], rows);
}
