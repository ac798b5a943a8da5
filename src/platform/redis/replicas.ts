import * as v from "valibot";
import type { RedisClient, RedisLink } from "./connection-supervisor.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

/** How long a replica is listed after its last sign of life. */
const replicaTtlMs = 5000;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** More than anybody runs; the rest of a longer list is not asked for. */
const maxReplicas = 1000;

const replicaSchema = v.object({
  nodeId: text,
  runtime: text,
  mode: text,
  sockets: count,
  rooms: v.record(v.string(), count),
});

/** What one replica tells of itself. `rooms` maps a document's id to its sockets there. */
export type Replica = v.InferOutput<typeof replicaSchema>;

/** The replicas that are alive, each announcing itself with every probe of the link. */
export function createReplicas(prefix: string, onMalformed: ReportMalformed) {
  let self: (() => Replica) | undefined;
  const nodes = `${prefix}replicas`;
  const nodeKey = (nodeId: string) => `${prefix}replica:${nodeId}`;

  /** Another version may write other things there: what does not fit is left out. */
  function parse(value: string | null, nodeId: string | undefined): Replica | undefined {
    if (value === null) return undefined;
    try {
      const replica = v.parse(replicaSchema, JSON.parse(value));
      if (replica.nodeId === nodeId) return replica;
    } catch {
      // Counted below.
    }
    onMalformed("replica", {});
    return undefined;
  }

  return {
    /** What is announced from here on. */
    startAs(describe: () => Replica): void {
      self = describe;
    },

    /** Announces this replica. A write, so that it fails too where Redis only refuses writes. */
    async announce(client: RedisClient): Promise<void> {
      const replica = self?.();
      if (!replica) return;
      const listing = client.sAdd(nodes, replica.nodeId).catch(async (error: unknown) => {
        if (!isWrongKind(error)) throw error;
        // No list of replicas: all of them are on a new one by their next announcements.
        onMalformed("replica", { key: "replicas" });
        await client.del(nodes);
      });
      const value = JSON.stringify(replica);
      const expiration = { type: "PX", value: replicaTtlMs } as const;
      await Promise.all([listing, client.set(nodeKey(replica.nodeId), value, { expiration })]);
    },

    async list(link: RedisLink): Promise<Replica[]> {
      return link.run(async (client) => {
        const all = await client.sMembers(nodes);
        const ids = all.slice(0, maxReplicas);
        if (ids.length === 0) return [];
        const values = await client.mGet(ids.map(nodeKey));
        const gone = ids.filter((_, index) => values[index] === null);
        if (gone.length > 0) await client.sRem(nodes, gone);
        return values
          .flatMap((value, index) => parse(value, ids[index]) ?? [])
          .sort((a, b) => a.nodeId.localeCompare(b.nodeId));
      });
    },

    async withdraw(link: RedisLink): Promise<void> {
      if (!self) return;
      const { nodeId } = self();
      // A probe that comes after this must not list the replica again.
      self = undefined;
      await link
        .run((client) => Promise.all([client.sRem(nodes, nodeId), client.del(nodeKey(nodeId))]))
        .catch(() => undefined);
    },
  };
}
