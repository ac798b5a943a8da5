import { randomUUID } from "node:crypto";
import { RESP_TYPES } from "redis";
import type { SharedStore } from "./stores.ts";
import { diffUpdate, isEmptyUpdate, mergeUpdates, stateVectorOf } from "./updates.ts";
import type { SharedServices } from "../../platform/redis/cluster.ts";
import { type RedisClient, largeReadMs } from "../../platform/redis/connection-supervisor.ts";
import { isWrongKind } from "../../platform/redis/malformed.ts";
import { nextId } from "../../platform/redis/stream-id.ts";

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

/** Puts a key that is not of the kind it should be out of the way. KEYS: key, where to. ARGV: its kind. */
const moveAsideScript = `
local kind = redis.call("TYPE", KEYS[1]).ok
if kind == "none" or kind == ARGV[1] then return 0 end
redis.call("RENAME", KEYS[1], KEYS[2])
return 1`;

/** Entry id, and its fields and values in turn. */
type Entry = [id: Buffer, fields: Buffer[]];

/** What was set aside of a document, at most. */
const maxSetAside = 100;
/** Documents whose malformed parts were told of; each is told once. */
const maxTold = 1000;
const isId = /^\d+-\d+$/;

/**
 * Documents in Redis: a stream of updates each, and a snapshot (hash: `update`, and `through`, the
 * last entry merged into it). The hash tag keeps a document's keys on one node of a Redis Cluster.
 */
export function createRedisDocumentStore(services: SharedServices): SharedStore {
  const { link, prefix, answersSoon, onMalformed, reportLoss } = services;
  const keys = (id: string) => ({
    log: `${prefix}doc:{${id}}:log`,
    snapshot: `${prefix}doc:{${id}}:snapshot`,
    lock: `${prefix}doc:{${id}}:lock`,
    aside: `${prefix}doc:{${id}}:malformed`,
  });
  const told = new Set<string>();

  function report(id: string): void {
    if (told.has(id)) return;
    told.add(id);
    for (const oldest of told) {
      if (told.size <= maxTold) break;
      told.delete(oldest);
    }
    onMalformed("document", { documentId: id });
  }

  /** The work, once more if something else lies where the document should. */
  async function withRightKinds<T>(id: string, work: () => Promise<T>): Promise<T> {
    return work().catch(async (error: unknown) => {
      if (!isWrongKind(error)) throw error;
      report(id);
      const { log, snapshot, aside } = keys(id);
      const moves: [key: string, kind: string][] = [
        [log, "stream"],
        [snapshot, "hash"],
      ];
      for (const [key, kind] of moves) {
        const to = `${aside}:${randomUUID()}`;
        await link.run((client) => client.eval(moveAsideScript, { keys: [key, to], arguments: [kind] }));
      }
      reportLoss();
      return work();
    });
  }

  async function read(id: string, lastId = "", knownThrough = "") {
    const { log, snapshot } = keys(id);
    const reply = await withRightKinds(id, () =>
      link.run(
        (client) =>
          binary(client).evalRo(readScript, { keys: [snapshot, log], arguments: [lastId, knownThrough] }),
        largeReadMs,
      ),
    );
    const [throughBytes, merged, entries] = reply as unknown as [Buffer, Buffer, Entry[]];
    const stored = throughBytes.toString();
    const through = isId.test(stored) ? stored : "";
    const all = entries.map(
      ([, fields]) => (fields[0]?.toString() === "u" ? fields[1] : undefined) ?? noBytes,
    );
    if (merged.length > 0) all.unshift(merged);
    const updates: Uint8Array[] = [];
    const malformed: Uint8Array[] = [];
    for (const update of all) (isUpdate(update) ? updates : malformed).push(update);
    if (malformed.length > 0 || stored !== through) report(id);
    const last = entries.at(-1)?.[0].toString() ?? (lastId || through || "0-0");
    return { updates, malformed, stored, through, lastId: last };
  }

  /** Keeps what can't be merged: what follows takes it out of the document. */
  async function setAside(id: string, malformed: readonly Uint8Array[]): Promise<void> {
    const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: maxSetAside } as const;
    for (const update of malformed.slice(-maxSetAside))
      await link.run((client) => client.xAdd(keys(id).aside, "*", { u: asBuffer(update) }, { TRIM: trim }));
  }

  return {
    isUp: link.isUp,
    answersSoon,

    async append(id, update) {
      const add = (client: RedisClient) => client.xAdd(keys(id).log, "*", { u: asBuffer(update) });
      // A large update takes a while on its way; small ones are what tells that Redis hangs.
      await withRightKinds(id, () =>
        update.length > largeUpdateBytes ? link.run(add, largeReadMs) : link.run(add),
      );
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
      // Ours has an end: what has none would stay for ever.
      if (locked === null && (await link.run((client) => client.pTTL(lock))) === -1) {
        report(id);
        await link.run((client) => client.del(lock));
      }
      if (locked === null) return;
      const { updates, malformed, stored, lastId } = await read(id);
      await setAside(id, malformed);
      const merged = asBuffer(mergeUpdates(updates));
      await link.run(
        (client) =>
          client.eval(commitScript, {
            keys: [snapshot, log, lock],
            // The types want strings; a Buffer is written as it is.
            arguments: [stored, lastId, nextId(lastId), merged as unknown as string, token],
          }),
        largeReadMs,
      );
    },
  };
}

const noBytes = Buffer.alloc(0);

/** Walks through all of it without building it: half the time that decoding takes (12 ms of 25 for half a megabyte). */
function isUpdate(update: Uint8Array): boolean {
  if (isEmptyUpdate(update)) return true;
  try {
    diffUpdate(update, stateVectorOf(update));
    return true;
  } catch {
    return false;
  }
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
