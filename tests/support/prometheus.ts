import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitWhileRunning } from "../../deploy/local/process.ts";
import { root } from "../../deploy/local/replica.ts";

export interface LocalPrometheus {
  process: Process;
  /** The values of an expression now. */
  query: (expression: string) => Promise<{ metric: Record<string, string>; value: [number, string] }[]>;
  /** Names of alerts that fire. */
  firing: () => Promise<string[]>;
}

/** Sooner, so that a test need not wait for minutes: the same rules, with every time a sixtieth. */
function hasten(rules: string): string {
  return rules
    .replaceAll(/for: (\d+)m\b/g, "for: $1s")
    .replaceAll(/for: 30s/g, "for: 1s")
    .replaceAll(/\[\d+[mh]\]/g, "[10s]");
}

/** A real Prometheus on loopback with the project's own configuration and rules, on these targets. */
export async function startPrometheus(dir: string, targets: string[]): Promise<LocalPrometheus> {
  const folder = join(dir, "prometheus");
  mkdirSync(folder, { recursive: true });
  const read = (file: string) => readFileSync(join(root, "deploy/monitoring", file), "utf8");
  for (const file of ["alerts.yml", "features.alerts.yml"])
    writeFileSync(join(folder, file), hasten(read(file)));
  writeFileSync(
    join(folder, "prometheus.yml"),
    read("prometheus.yml")
      .replaceAll(/_interval: 15s/g, "_interval: 500ms")
      .replace(/targets: .*3003.*/, `targets: ${JSON.stringify(targets)}`),
  );
  const port = await freePort();
  const process = await start({
    command: "prometheus",
    args: [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    cwd: folder,
  });
  const api = async (path: string) =>
    ((await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as { data: never }).data;
  await waitWhileRunning(process, "Prometheus is ready", () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    process,
    async query(expression) {
      const { result } = (await api(`query?query=${encodeURIComponent(expression)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result;
    },
    async firing() {
      const { alerts } = (await api("alerts")) as {
        alerts: { state: string; labels: { alertname: string } }[];
      };
      return alerts.filter(({ state }) => state === "firing").map(({ labels }) => labels.alertname);
    },
  };
}
