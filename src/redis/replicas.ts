import * as v from "valibot";
import type { RedisClient, RedisLink } from "./link.ts";

/** How long a replica is listed after its last sign of life. */
const replicaTtlMs = 5000;

const replicaSchema = v.object({
  nodeId: v.string(),
  runtime: v.string(),
  mode: v.string(),
  sockets: v.number(),
  rooms: v.record(v.string(), v.number()),
});

/** What one replica tells of itself. `rooms` maps a document's id to its sockets there. */
export type Replica = v.InferOutput<typeof replicaSchema>;

/** The replicas that are alive, each announcing itself with every probe of the link. */
export function createReplicas(prefix: string, self: () => Replica) {
  const nodes = `${prefix}replicas`;
  const nodeKey = (nodeId: string) => `${prefix}replica:${nodeId}`;

  return {
    /** Announces this replica. A write, so that it fails too where Redis only refuses writes. */
    async announce(client: RedisClient): Promise<void> {
      const replica = self();
      await client
        .multi()
        .sAdd(nodes, replica.nodeId)
        .set(nodeKey(replica.nodeId), JSON.stringify(replica), {
          expiration: { type: "PX", value: replicaTtlMs },
        })
        .exec();
    },

    async list(link: RedisLink): Promise<Replica[]> {
      return link.run(async (client) => {
        const ids = await client.sMembers(nodes);
        if (ids.length === 0) return [];
        const values = await client.mGet(ids.map(nodeKey));
        const gone = ids.filter((_, index) => values[index] === null);
        if (gone.length > 0) await client.sRem(nodes, gone);
        return values.flatMap((value) => parse(value)).sort((a, b) => a.nodeId.localeCompare(b.nodeId));
      });
    },

    async withdraw(link: RedisLink): Promise<void> {
      const { nodeId } = self();
      await link
        .run((client) => client.multi().sRem(nodes, nodeId).del(nodeKey(nodeId)).exec())
        .catch(() => undefined);
    },
  };
}

/** Another version may write other things there: what does not fit is left out. */
function parse(value: string | null): Replica[] {
  if (value === null) return [];
  try {
    const result = v.safeParse(replicaSchema, JSON.parse(value));
    return result.success ? [result.output] : [];
  } catch {
    return [];
  }
}
