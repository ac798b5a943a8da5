import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCaddy, startCaddy } from "./caddy.ts";
import { freePort } from "./free-port.ts";
import { type LocalRedis, startRedis } from "./redis.ts";
import type { Process } from "./process.ts";
import { type Replica, type RuntimeName, startReplica } from "./replica.ts";

export interface ClusterOptions {
  runtimes: readonly RuntimeName[];
  /** Caddy's port; a free one if left out. */
  port?: number;
  /** The first replica's port, the others' after it, as far as they are free; free ones if left out. */
  replicaPort?: number | undefined;
  /** Where replicas and Redis keep their data; a temporary folder, removed at the end, if left out. */
  dir?: string;
  /** More variables for every replica. */
  env?: Record<string, string>;
  /** What replicas start: this tree's `src/main.ts`, if left out. */
  entry?: string;
  /** False starts the replicas without Redis; `startRedis` of the cluster brings it later. */
  redis?: boolean;
  /** What a replica (counted from 0) takes for Redis, if not Redis itself: an address in front of this port. */
  redisUrl?: (index: number, port: number) => string;
  onProgress?: (text: string) => void;
}

/** Redis, replicas and Caddy as real processes on loopback. */
export interface LocalCluster {
  redis: LocalRedis | undefined;
  redisPort: number;
  replicas: Replica[];
  caddy: LocalCaddy;
  url: string;
  dir: string;
  /** The newest process of each part, from before it answers: `redis`, `caddy`, `replica-1` and so on. */
  processes: ReadonlyMap<string, Process>;
  /** Starts Redis (again) on its port, with the data it has on disk or with none. */
  startRedis: (options?: { empty?: boolean; args?: string[] }) => Promise<LocalRedis>;
  /** Starts a replica again, on its port and with its data. */
  restartReplica: (index: number) => Promise<Replica>;
  /** Starts Caddy again, on its port. */
  restartCaddy: () => Promise<LocalCaddy>;
  stop: () => Promise<void>;
}

/** Starts everything, and stops what it had started if something fails. */
export async function startCluster(options: ClusterOptions): Promise<LocalCluster> {
  const { runtimes, replicaPort, onProgress = () => {} } = options;
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "trimaran-")));
  const redisDir = join(dir, "redis");
  const replicas: Replica[] = [];
  const processes = new Map<string, Process>();
  const keepAs = (part: string) => (process: Process) => void processes.set(part, process);
  let redis: LocalRedis | undefined;
  let caddy: LocalCaddy;
  let redisPort = 0;

  async function bringRedis({ empty = false, args = [] as string[] } = {}): Promise<LocalRedis> {
    if (empty) await rm(redisDir, { recursive: true });
    await mkdir(redisDir, { recursive: true });
    redis = await startRedis({
      dir: redisDir,
      args,
      onSpawn: keepAs("redis"),
      ...(redisPort && { port: redisPort }),
    });
    redisPort = redis.port;
    return redis;
  }

  function bringReplica(index: number, port: number): Promise<Replica> {
    const runtime = runtimes[index] ?? "node";
    return startReplica({
      runtime,
      entry: options.entry,
      onSpawn: keepAs(`replica-${index + 1}`),
      env: {
        NODE_ID: `${index + 1}-${runtime}`,
        PORT: String(port),
        REDIS_URL: options.redisUrl?.(index, redisPort) ?? `redis://127.0.0.1:${redisPort}`,
        DATA_FILE: join(dir, `replica-${index + 1}.sqlite`),
        ...options.env,
      },
    });
  }

  function bringCaddy(port: number | undefined): Promise<LocalCaddy> {
    return startCaddy({
      dir: join(dir, "caddy"),
      upstreams: replicas.map((replica) => `127.0.0.1:${replica.port}`),
      onSpawn: keepAs("caddy"),
      ...(port !== undefined && { port }),
    });
  }

  async function stop(): Promise<void> {
    // Clients first lose the balancer, then the replicas, and Redis last: nothing is cut off half-way.
    await processes.get("caddy")?.stop();
    await Promise.all(runtimes.map((_, index) => processes.get(`replica-${index + 1}`)?.stop()));
    await processes.get("redis")?.stop();
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  }

  try {
    onProgress("starting Redis");
    await bringRedis();
    if (options.redis === false) await redis?.process.stop();
    onProgress(`starting replicas on ${runtimes.join(", ")}`);
    replicas.push(
      ...(await Promise.all(
        runtimes.map(async (_, index) =>
          bringReplica(index, await freePort(replicaPort === undefined ? undefined : replicaPort + index)),
        ),
      )),
    );
    onProgress("starting Caddy");
    caddy = await bringCaddy(options.port);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get redis() {
      return redis;
    },
    redisPort,
    replicas,
    get caddy() {
      return caddy;
    },
    url: caddy.url,
    dir,
    processes,
    startRedis: bringRedis,
    async restartReplica(index) {
      const replica = await bringReplica(index, replicas[index]?.port ?? 0);
      replicas[index] = replica;
      return replica;
    },
    restartCaddy: async () => (caddy = await bringCaddy(caddy.port)),
    stop,
  };
}
