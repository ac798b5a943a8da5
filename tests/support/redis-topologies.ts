import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { redisCli } from "./operate.ts";

/** Redis nodes as real processes on loopback. */
export interface Nodes {
  nodes: { process: Process; port: number }[];
  /** For REDIS_URL. */
  url: string;
  stop: () => Promise<void>;
}

async function startNode(dir: string, name: string, args: string[], port?: number) {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  // A replica that never was in step with its master does not take its place.
  const soon = ["--repl-diskless-sync-delay", "0"];
  return startRedis({ dir: folder, args: [...soon, ...args], ...(port !== undefined && { port }) });
}

/** A master, a replica of it, and three sentinels that watch them. */
export async function startSentinels(dir: string): Promise<Nodes & { masterPort: () => Promise<number> }> {
  const master = await startNode(dir, "master", []);
  const replica = await startNode(dir, "replica", ["--replicaof", "127.0.0.1", String(master.port)]);
  await waitFor("the replica is in step", async () =>
    (await redisCli(replica.port, ["INFO", "replication"])).includes("master_link_status:up"),
  );
  const sentinels = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const [folder, port] = [join(dir, `sentinel-${number}`), await freePort()];
      mkdirSync(folder);
      const file = join(folder, "sentinel.conf");
      writeFileSync(
        file,
        [
          `port ${port}`,
          "bind 127.0.0.1",
          `sentinel monitor main 127.0.0.1 ${master.port} 2`,
          "sentinel down-after-milliseconds main 1000",
          "sentinel failover-timeout main 3000",
        ].join("\n"),
      );
      return {
        port,
        process: await start({ command: "redis-server", args: [file, "--sentinel"], cwd: folder }),
      };
    }),
  );
  for (const { port } of sentinels) {
    await waitFor(
      "the sentinel knows the replica and the others",
      async () => {
        const told = await redisCli(port, ["SENTINEL", "MASTER", "main"]);
        return /num-slaves\n1\n/.test(told) && /num-other-sentinels\n2\n/.test(told);
      },
      20_000,
    );
  }
  const [first] = sentinels;
  return {
    nodes: [master, replica],
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/main`,
    masterPort: async () =>
      Number(
        (await redisCli(first?.port ?? 0, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"])).split("\n")[1],
      ),
    stop: async () => {
      await Promise.all([...sentinels, master, replica].map(({ process }) => process.stop()));
    },
  };
}

/** Three masters, and a replica of each if asked for. */
export async function startRedisCluster(
  dir: string,
): Promise<Nodes & { ownerOf: (key: string) => Promise<number> }> {
  const nodes: LocalRedis[] = [];
  for (let index = 0; index < 6; index += 1) {
    // The bus has a port of its own: ten thousand above the other, as is the default, somebody may be connected from.
    const bus = ["--cluster-port", String(await freePort())];
    const options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", ...bus];
    nodes.push(await startNode(dir, `node-${index}`, options));
  }
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const [first] = nodes;
  const port = first?.port ?? 0;
  const create = await start({
    command: "redis-cli",
    args: ["--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes"],
  });
  const { code } = await create.exited;
  if (code !== 0) throw new Error(`the cluster was not made: ${create.output()}`);
  for (const node of nodes)
    await waitFor(
      "the node knows all slots, and is in step",
      async () =>
        (await redisCli(node.port, ["CLUSTER", "INFO"])).includes("cluster_state:ok") &&
        /role:master|master_link_status:up/.test(await redisCli(node.port, ["INFO", "replication"])),
      20_000,
    );
  async function ownerOf(key: string): Promise<number> {
    const slot = Number(await redisCli(port, ["CLUSTER", "KEYSLOT", key]));
    for (const node of nodes) {
      if (!node.process.isRunning()) continue;
      const own =
        /myself,master .*? connected (.*)/.exec(await redisCli(node.port, ["CLUSTER", "NODES"]))?.[1] ?? "";
      const has = [...own.matchAll(/(\d+)-(\d+)/g)].some(
        ([, from, to]) => Number(from) <= slot && slot <= Number(to),
      );
      if (has) return node.port;
    }
    throw new Error(`nobody has slot ${slot}`);
  }
  return {
    nodes,
    url: `redis+cluster://${addresses.slice(0, 3).join(",")}`,
    ownerOf,
    stop: async () => {
      await Promise.all(nodes.map(({ process }) => process.stop()));
    },
  };
}
