import { createClient } from "redis";
import { type RedisAddress, bracketed } from "../util/redis-url.ts";
import { withDeadline } from "./deadline.ts";

export interface FindNodeOptions {
  address: RedisAddress;
  ca?: string | undefined;
  /** A key of this deployment. All of them have one hash tag, and so are on one node of a cluster. */
  key: string;
}

export type FindNode = () => Promise<string | undefined>;

const askWithinMs = 500;

/**
 * Finds the node to talk to: the one there is, the master that Sentinel names, or the cluster's node that has our
 * keys. Not by the client's own Sentinel and Cluster modes: those queue, retry and wait by rules of their own, and
 * the link could not judge (docs/decisions/0013-one-node-at-a-time.md).
 *
 * @returns what asks again: the address of the node, or undefined when nobody knew.
 */
export function createFindNode({ address, ca, key }: FindNodeOptions): FindNode {
  if (address.kind === "node") return () => Promise.resolve(address.url);
  const { kind, prefix, suffix, master } = address;
  // The one that answered last is asked first.
  const seeds = [...address.seeds];

  async function ask(seed: string): Promise<string | undefined> {
    // Sentinels have no users unless they are given some; a cluster's nodes have the same.
    const url = kind === "sentinel" ? `${prefix.replace(/[^/]*@$/, "")}${seed}` : prefix + seed;
    const client = createClient({
      url,
      disableClientInfo: true,
      maintNotifications: "disabled",
      socket: {
        connectTimeout: askWithinMs,
        reconnectStrategy: false,
        ...(ca !== undefined && { tls: true, ca }),
      },
    });
    // Whatever it is, the next one is asked.
    client.on("error", () => {});
    const command = (...args: string[]): Promise<unknown> => client.sendCommand(args);
    async function answer(): Promise<string | undefined> {
      await client.connect();
      if (kind === "sentinel") {
        const found = (await command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)) as
          | [string, string]
          | null;
        return found === null ? undefined : `${bracketed(found[0])}:${found[1]}`;
      }
      const slot = Number(await command("CLUSTER", "KEYSLOT", key));
      const ranges = (await command("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
      const range = ranges.find(([from, to]) => from <= slot && slot <= to);
      // A node that was never told its own address names none: it is the one that was asked.
      return range && `${bracketed(range[2][0]) || seed.replace(/:\d+$/, "")}:${range[2][1]}`;
    }
    try {
      return await withDeadline(answer(), askWithinMs);
    } finally {
      client.destroy();
    }
  }

  return async () => {
    for (const seed of seeds.slice()) {
      const node = await ask(seed).catch(() => undefined);
      if (node === undefined) continue;
      seeds.splice(seeds.indexOf(seed), 1);
      seeds.unshift(seed);
      return prefix + node + suffix;
    }
    return undefined;
  };
}
