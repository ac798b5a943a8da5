import { after, before } from "node:test";
import { type ClusterOptions, type LocalCluster, startCluster } from "../../deploy/local/cluster.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";

/** Redis, three replicas on three runtimes, and Caddy, for the tests of this group. */
export function useCluster(options: Partial<ClusterOptions> = {}): () => LocalCluster {
  let cluster: LocalCluster | undefined;
  before(async () => {
    cluster = await startCluster({ runtimes, ...options, env: { DRAIN_MS: "0", ...options.env } });
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
