import { randomUUID } from "node:crypto";
import { RESP_TYPES } from "redis";
import type { SharedStore } from "../documents/stores.ts";
import { emptyUpdate, mergeUpdates } from "../documents/updates.ts";
import { type RedisClient, type RedisLink, largeReadMs } from "./link.ts";
import { nextId } from "./stream-id.ts";

const lockMs = 15_000;
const largeUpdateBytes = 65_536;

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

/**
 * Reads a document in one step, so that snapshot and log belong together: all of it, or only the
 * entries after ARGV[1] if ARGV[2] is still what the snapshot holds.
 * KEYS: snapshot, log. @returns {through, snapshot, entries}
 */
const readScript = `
local through = redis.call("HGET", KEYS[1], "through") or ""
if ARGV[1] ~= "" and through == ARGV[2] then
  return {through, "", redis.call("XRANGE", KEYS[2], "(" .. ARGV[1], "+")}
end
return {through, redis.call("HGET", KEYS[1], "update") or "", redis.call("XRANGE", KEYS[2], "-", "+")}`;

/** Entry id, and its fields and values in turn. */
type Entry = [id: Buffer, fields: Buffer[]];

/**
 * Documents in Redis: a stream of updates each, and a snapshot (hash: `update`, and `through`, the
 * last entry merged into it). The hash tag keeps a document's keys on one node of a Redis Cluster.
 */
export function createRedisDocumentStore(
  link: RedisLink,
  prefix: string,
  answersSoon: () => Promise<boolean>,
): SharedStore {
  const keys = (id: string) => ({
    log: `${prefix}doc:{${id}}:log`,
    snapshot: `${prefix}doc:{${id}}:snapshot`,
    lock: `${prefix}doc:{${id}}:lock`,
  });

  async function read(id: string, lastId = "", knownThrough = "") {
    const { log, snapshot } = keys(id);
    const reply = await link.run(
      (client) =>
        binary(client).evalRo(readScript, { keys: [snapshot, log], arguments: [lastId, knownThrough] }),
      largeReadMs,
    );
    const [throughBytes, merged, entries] = reply as unknown as [Buffer, Buffer, Entry[]];
    const through = throughBytes.toString();
    const updates = entries.map(([, fields]) => fields[1] ?? emptyUpdate);
    if (merged.length > 0) updates.unshift(merged);
    const last = entries.at(-1)?.[0].toString() ?? (lastId || through || "0-0");
    return { updates, through, lastId: last };
  }

  return {
    isUp: link.isUp,
    answersSoon,

    async append(id, update) {
      const add = (client: RedisClient) => client.xAdd(keys(id).log, "*", { u: asBuffer(update) });
      // A large update takes a while on its way; small ones are what tells that Redis hangs.
      await (update.length > largeUpdateBytes ? link.run(add, largeReadMs) : link.run(add));
    },

    async read(id, since) {
      const [knownThrough, sinceId] = since?.split(" ") ?? [];
      const { updates, through, lastId } = await read(id, sinceId, knownThrough);
      return { updates, position: `${through} ${lastId}` };
    },

    async compact(id) {
      const { log, snapshot, lock } = keys(id);
      const token = randomUUID();
      const locked = await link.run((client) =>
        client.set(lock, token, { condition: "NX", expiration: { type: "PX", value: lockMs } }),
      );
      if (locked === null) return;
      const { updates, through, lastId } = await read(id);
      const merged = asBuffer(mergeUpdates(updates));
      await link.run(
        (client) =>
          client.eval(commitScript, {
            keys: [snapshot, log, lock],
            // The types want strings; a Buffer is written as it is.
            arguments: [through, lastId, nextId(lastId), merged as unknown as string, token],
          }),
        largeReadMs,
      );
    },
  };
}

/**
 * The same connection, with every string of a reply as bytes. (Not for `multi`: node-redis 6.3
 * decodes a transaction's replies as text all the same.)
 */
function binary(client: RedisClient) {
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}

/** The client writes a Buffer as it is, but would encode a bare Uint8Array as text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
