import { after, before } from "node:test";
import { newAddress } from "./clients.ts";
import { metric } from "./server.ts";
import { type ClusterOptions, type LocalCluster, startCluster } from "../../deploy/local/cluster.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";

/** Redis, three replicas on three runtimes, and Caddy, for the tests of this group. */
export function useCluster(options: Partial<ClusterOptions> = {}): () => LocalCluster {
  let cluster: LocalCluster | undefined;
  before(async () => {
    cluster = await startCluster({ runtimes, ...options, env: { DRAIN_MS: "0", ...options.env } });
    // On a busy machine the first look at Redis may come too late.
    if (options.redis !== false) await waitForMode(cluster, "cluster");
  });
  after(() => cluster?.stop());
  return () => {
    if (!cluster) throw new Error("the cluster is started before the tests, not while they are defined");
    return cluster;
  };
}

export interface ClusterView {
  mode: string;
  servedBy: string;
  partial: boolean;
  replicas: {
    nodeId: string;
    runtime: string;
    mode: string;
    sockets: number;
    rooms: Record<string, number>;
  }[];
}

export async function clusterView(url: string): Promise<ClusterView> {
  return (await fetch(`${url}/api/cluster`)).json() as Promise<ClusterView>;
}

/**
 * Asks each replica once, from an address that no other test has.
 * @returns how many requests of the address each had counted before. On a busy machine a replica may take Redis for down
 * for a moment and count by itself; and the limit's window may end: ask again then.
 */
export async function requestsCounted(urls: readonly string[]): Promise<number[]> {
  const headers = { "x-forwarded-for": newAddress() };
  const remaining: number[] = [];
  for (const url of urls) {
    const response = await fetch(`${url}/api/cluster`, { headers });
    remaining.push(Number(response.headers.get("ratelimit-remaining")));
  }
  const [first = 0] = remaining;
  return remaining.map((left) => first - left);
}

/** Commands to Redis that these replicas gave up at their deadline: on a busy machine Redis may be late. */
export async function deadlinesMissed(urls: readonly string[]): Promise<number> {
  const counts = urls.map((url) => metric(url, "trimaran_redis_deadlines_missed_total"));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Waits until every running replica says it is in this mode. */
export async function waitForMode(cluster: LocalCluster, mode: string, timeoutMs = 60_000): Promise<void> {
  for (const { url, process } of cluster.replicas) {
    if (!process.isRunning()) continue;
    await waitFor(
      `${url} is in ${mode} mode`,
      async () => ((await (await fetch(`${url}/readyz`)).json()) as { mode: string }).mode === mode,
      timeoutMs,
    );
  }
}
