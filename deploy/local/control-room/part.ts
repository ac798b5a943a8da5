import type { LocalCluster } from "../cluster.ts";
import type { Process } from "../process.ts";
import type { PartView } from "./contract.ts";

/** One process of the cluster, and what the control room did to it. */
export interface Part {
  name: string;
  kind: PartView["kind"];
  label: string;
  port: number;
  /** Starts it (again), on its port and with its data; resolves when it answers. */
  bring: () => Promise<unknown>;
  /** The process whose end the journal reports. */
  watched?: Process;
  isHung: boolean;
  isStopping: boolean;
  starting?: Promise<void> | undefined;
  /** Whether the control room ends it. */
  isWanted: boolean;
  ended?: { how: string; lastLines: string };
}

/** Caddy, the replicas and Redis of a cluster, in the order in which they are shown. */
export function partsOf(cluster: LocalCluster): Part[] {
  return [
    { name: "caddy", kind: "caddy", label: "Caddy", port: cluster.caddy.port, bring: cluster.restartCaddy },
    ...cluster.replicas.map(({ port, runtime }, index) => ({
      name: `replica-${index + 1}`,
      kind: "replica" as const,
      label: `${index + 1}-${runtime}`,
      port,
      bring: () => cluster.restartReplica(index),
    })),
    {
      name: "redis",
      kind: "redis",
      label: "Redis",
      port: cluster.redisPort,
      bring: () => cluster.startRedis(),
    },
  ].map((part) => ({ ...part, isHung: false, isStopping: false, isWanted: false }) as Part);
}
