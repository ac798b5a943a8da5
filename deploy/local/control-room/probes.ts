import { type RedisClientType, createClient } from "redis";
import * as v from "valibot";
import type { RedisFigures } from "./contract.ts";
import { type Sample, parseMetrics } from "./prometheus.ts";

/** A part that takes longer does not answer. */
const deadlineMs = 1000;
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

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(deadlineMs), redirect: "error" });
}

/** The replicas have this process' environment. */
const { METRICS_TOKEN: token } = process.env;
const forMetrics: RequestInit = token ? { headers: { authorization: `Bearer ${token}` } } : {};

export interface ReplicaAnswer extends v.InferOutput<typeof healthSchema> {
  samples: Sample[];
  documents: number;
}

/** Asks one replica, on its own port. Rejects within a second if it does not answer. */
export function createReplicaProbe(port: number): () => Promise<ReplicaAnswer> {
  const url = `http://127.0.0.1:${port}`;
  let documents = 0;
  let roomsAt = -Infinity;

  async function countDocuments(): Promise<void> {
    if (performance.now() - roomsAt < roomsEveryMs) return;
    roomsAt = performance.now();
    const { servedBy, replicas } = v.parse(clusterSchema, await (await ask(`${url}/api/cluster`)).json());
    documents = Object.keys(replicas.find(({ nodeId }) => nodeId === servedBy)?.rooms ?? {}).length;
  }

  return async () => {
    const [health, metrics] = await Promise.all([
      ask(`${url}/readyz`).then((response) => response.json()),
      ask(`${url}/metrics`, forMetrics).then((response) => response.text()),
      // With Redis away it takes longer, and is then not known.
      countDocuments().catch(() => undefined),
    ]);
    return { ...v.parse(healthSchema, health), samples: parseMetrics(metrics), documents };
  };
}

/**
 * Caddy itself, whatever the replicas do: its admin API is off, but it refuses unusual methods by its own word
 * (405, see the Caddyfile).
 */
export function createCaddyProbe(port: number): () => Promise<void> {
  return async () => {
    const response = await ask(`http://127.0.0.1:${port}/livez`, { method: "PROPFIND" });
    await response.arrayBuffer();
  };
}

/** Redis by a connection of its own, which is given up when an answer is late: node-redis has no deadline for that. */
export function createRedisProbe(port: number) {
  let client: RedisClientType | undefined;

  async function connected(): Promise<RedisClientType> {
    if (client?.isReady) return client;
    drop();
    const fresh: RedisClientType = createClient({
      url: `redis://127.0.0.1:${port}`,
      disableOfflineQueue: true,
      socket: { connectTimeout: deadlineMs, reconnectStrategy: false },
    });
    // Without a listener an error would end this process.
    fresh.on("error", () => undefined);
    client = fresh;
    await fresh.connect();
    return fresh;
  }

  function drop(): void {
    try {
      client?.destroy();
    } catch {
      // It was not open.
    }
    client = undefined;
  }

  async function read(): Promise<RedisFigures> {
    const info = await (await connected()).info();
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
    return {
      version: field("redis_version"),
      clients: Number(field("connected_clients")),
      commandsPerSecond: Number(field("instantaneous_ops_per_sec")),
      usedMemory: field("used_memory_human"),
    };
  }

  return {
    async read(): Promise<RedisFigures> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("Redis did not answer in time")), deadlineMs);
      });
      const reading = read();
      reading.catch(() => undefined);
      try {
        return await Promise.race([reading, late]);
      } catch (error) {
        drop();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: drop,
  };
}
