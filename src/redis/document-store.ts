import { randomUUID } from "node:crypto";
import { RESP_TYPES } from "redis";
import type { SharedStore } from "../documents/stores.ts";
import { mergeUpdates } from "../documents/updates.ts";
import type { RedisClient, RedisLink } from "./link.ts";
import { isAfter, nextId } from "./stream-id.ts";

const lockMs = 15_000;

/**
 * Puts a merged snapshot in place of the log entries it holds, if nobody else has merged meanwhile.
 * One script, so that a merge that dies half-way has changed nothing.
 * KEYS: snapshot, log, lock. ARGV: expected `through`, new `through`, the entry after it, merged bytes, token.
 */
const commitScript = `
local through = redis.call("HGET", KEYS[1], "through") or ""
local done = 0
if through == ARGV[1] then
  redis.call("HSET", KEYS[1], "through", ARGV[2], "update", ARGV[4])
  redis.call("XTRIM", KEYS[2], "MINID", ARGV[3])
  done = 1
end
if redis.call("GET", KEYS[3]) == ARGV[5] then redis.call("DEL", KEYS[3]) end
return done`;

interface StreamEntry {
  id: Buffer;
  message: Record<string, Buffer>;
}

/**
 * Documents in Redis: a stream of updates each, and a snapshot (hash: `update`, and `through`, the
 * last entry merged into it). The hash tag keeps a document's keys on one node of a Redis Cluster.
 */
export function createRedisDocumentStore(link: RedisLink, prefix: string): SharedStore {
  const keys = (id: string) => ({
    log: `${prefix}doc:{${id}}:log`,
    snapshot: `${prefix}doc:{${id}}:snapshot`,
    lock: `${prefix}doc:{${id}}:lock`,
  });

  async function readWhole(id: string) {
    const { log, snapshot } = keys(id);
    const [fields, entries] = (await link.run((client) =>
      binary(client).multi().hmGet(snapshot, ["through", "update"]).xRange(log, "-", "+").exec(),
    )) as unknown as [(Buffer | null)[], StreamEntry[]];
    const [through, update] = fields;
    const updates = bytesOf(entries);
    if (update) updates.unshift(update);
    return { updates, through: through?.toString() ?? "", position: lastId(entries) ?? through?.toString() ?? "0-0" };
  }

  return {
    isUp: link.isUp,

    async append(id, update) {
      await link.run((client) => client.xAdd(keys(id).log, "*", { u: asBuffer(update) }));
    },

    async read(id, since) {
      if (since !== undefined) {
        const { log, snapshot } = keys(id);
        const [through, entries] = (await link.run((client) =>
          binary(client).multi().hGet(snapshot, "through").xRange(log, `(${since}`, "+").exec(),
        )) as unknown as [Buffer | null, StreamEntry[]];
        // Entries merged away since then are in the snapshot alone.
        if (!through || !isAfter(through.toString(), since)) {
          return { updates: bytesOf(entries), position: lastId(entries) ?? since, whole: false };
        }
      }
      const { updates, position } = await readWhole(id);
      return { updates, position, whole: true };
    },

    async compact(id) {
      const { log, snapshot, lock } = keys(id);
      const token = randomUUID();
      const locked = await link.run((client) =>
        client.set(lock, token, { condition: "NX", expiration: { type: "PX", value: lockMs } }),
      );
      if (locked === null) return;
      const { updates, through, position } = await readWhole(id);
      const merged = mergeUpdates(updates);
      await link.run((client) =>
        client.eval(commitScript, {
          keys: [snapshot, log, lock],
          arguments: [through, position, nextId(position), asBuffer(merged), token] as string[],
        }),
      );
    },
  };
}

/** The same connection, with every string of a reply as bytes. */
function binary(client: RedisClient) {
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

/** The client writes a Buffer as it is, but would encode a bare Uint8Array as text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(entries: StreamEntry[]): Uint8Array[] {
  return entries.flatMap((entry) => entry.message["u"] ?? []);
}

function lastId(entries: StreamEntry[]): string | undefined {
  return entries.at(-1)?.id.toString();
}
