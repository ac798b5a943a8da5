import * as v from "valibot";
import type { Revocation, SharedRevocations } from "../auth/revocations.ts";
import { everything, readScope, storeScope } from "../auth/scope.ts";
import { createSignal } from "../util/signal.ts";
import { errorMessage } from "../util/errors.ts";
import type { RedisClient, RedisLink } from "./connection-supervisor.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

const revocationSchema = v.object({
  userId: v.string(),
  documentId: v.optional(v.string()),
  action: v.picklist(["read", "write"]),
  revokedAtMs: v.number(),
});

/**
 * Revocations in a hash, beside a counter that every change adds to. Whoever probes Redis sees the counter
 * move, and so hears of every change within a probe's time, whatever became of a message about it.
 */
export function createRevocationStore(link: RedisLink, prefix: string, onMalformed: ReportMalformed) {
  const hash = `${prefix}revocations`;
  const counter = `${prefix}revocations:count`;
  const news = createSignal<void>();
  let seen: string | null | undefined;

  /**
   * No hash, or no number, lies at a key, and is replaced. Replicas bring back what they know as they hear of it. The
   * counter goes on from the time: from 0 it could come to the number that a replica has seen already.
   */
  async function clear(client: RedisClient, key: string): Promise<void> {
    onMalformed("revocation", { key });
    await (key === counter ? client.set(key, String(Date.now())) : client.del(key));
  }

  /** Does it once more after what is in its way was cleared. */
  async function cleared<T>(client: RedisClient, key: string, command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      if (!isWrongKind(error) && !/not an integer|overflow/.test(errorMessage(error))) throw error;
      await clear(client, key);
      return command();
    }
  }

  // Whatever the counter says: Redis may lack what was revoked meanwhile.
  link.onChange((up) => {
    if (up) news.emit();
  });

  const store: SharedRevocations & { check: (client: RedisClient) => Promise<void> } = {
    isUp: link.isUp,
    onNews: news.on,

    /** Part of the link's probe. */
    async check(client) {
      const count = await cleared(client, counter, () => client.get(counter));
      if (count === seen) return;
      seen = count;
      if (link.isUp()) news.emit();
    },

    async add(revocations) {
      const fields = revocations.map((each): [string, string] => [fieldOf(each), valueOf(each)]);
      await link.run((client) =>
        Promise.all([
          cleared(client, hash, () => client.hSet(hash, fields)),
          cleared(client, counter, () => client.incr(counter)),
        ]),
      );
    },

    all: () =>
      link.run(async (client) => {
        const fields = await cleared(client, hash, () => client.hGetAll(hash));
        return Object.values(fields).flatMap(readRevocation);
      }),

    async prune(beforeMs) {
      const old = (await store.all()).filter(({ revokedAtMs }) => revokedAtMs < beforeMs);
      if (old.length > 0) await link.run((client) => client.hDel(hash, old.map(fieldOf)));
    },
  };
  return store;
}

export function fieldOf({ userId, scope, action }: Revocation): string {
  return JSON.stringify([userId, storeScope(scope), action]);
}

/** In Redis the field `documentId` is the room, and absent for everything. */
export function valueOf({ scope, ...rest }: Revocation): string {
  return JSON.stringify({ ...rest, ...(scope !== everything && { documentId: scope }) });
}

/** Another version may write other things there: what does not fit is left out. */
export function readRevocation(text: string): Revocation[] {
  try {
    const parsed = v.safeParse(revocationSchema, JSON.parse(text));
    if (!parsed.success) return [];
    const { documentId, ...rest } = parsed.output;
    return [{ ...rest, scope: readScope(documentId) }];
  } catch {
    return [];
  }
}
