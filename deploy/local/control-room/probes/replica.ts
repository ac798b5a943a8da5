import * as v from "valibot";
import { type Sample, parseMetrics, sumOf } from "../prometheus.ts";
import { createRates } from "../rates.ts";
import type { ReplicaFigures } from "../contract.ts";
import { type Probe, ask } from "./probe.ts";

/** Rooms are asked for this seldom: `/api/cluster` counts against the limits of this machine's address. */
const roomsEveryMs = 2000;

const healthSchema = v.object({
  status: v.string(),
  mode: v.string(),
  runtime: v.string(),
  nodeId: v.string(),
});
const clusterSchema = v.object({
  servedBy: v.string(),
  replicas: v.array(v.object({ nodeId: v.string(), rooms: v.record(v.string(), v.number()) })),
});

/** The launcher starts the replicas with its own environment, so this is their token, too. */
const { METRICS_TOKEN: token } = process.env;
const forMetrics: RequestInit = token ? { headers: { authorization: `Bearer ${token}` } } : {};

/** Asks one replica, on its own port. */
export function createReplicaProbe(port: number): Probe {
  const url = `http://127.0.0.1:${port}`;
  const rates = createRates();
  let rooms = 0;
  let roomsAt = -Infinity;

  async function countRooms(): Promise<void> {
    if (performance.now() - roomsAt < roomsEveryMs) return;
    roomsAt = performance.now();
    const { servedBy, replicas } = v.parse(clusterSchema, await (await ask(`${url}/api/cluster`)).json());
    rooms = Object.keys(replicas.find(({ nodeId }) => nodeId === servedBy)?.rooms ?? {}).length;
  }

  return {
    async read() {
      const [body, metrics] = await Promise.all([
        ask(`${url}/readyz`).then((response) => response.json()),
        ask(`${url}/metrics`, forMetrics).then((response) => response.text()),
        // While Redis is down this takes longer than the deadline; the last count stays.
        countRooms().catch(() => undefined),
      ]);
      const { status, mode, runtime } = v.parse(healthSchema, body);
      const samples = parseMetrics(metrics);
      const recent = rates.add(performance.now(), samples);
      return { version: runtime, status, replica: toFigures(mode, rooms, samples, recent) };
    },
    forget: rates.clear,
  };
}

function toFigures(
  mode: string,
  rooms: number,
  samples: readonly Sample[],
  { eventsPerSecond, p50Ms, p99Ms }: ReturnType<ReturnType<typeof createRates>["add"]>,
): ReplicaFigures {
  return {
    mode,
    rooms,
    eventsPerSecond,
    sockets: sumOf(samples, "trimaran_connections"),
    outbox: sumOf(samples, "trimaran_outbox_entries"),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  };
}
