import * as v from "valibot";
import type { Revocation, SharedRevocations } from "../auth/revocations.ts";
import { createSignal } from "../util/signal.ts";
import type { RedisClient, RedisLink } from "./connection-supervisor.ts";

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
export function createRevocationStore(link: RedisLink, prefix: string) {
  const hash = `${prefix}revocations`;
  const counter = `${prefix}revocations:count`;
  const news = createSignal<void>();
  let seen: string | null | undefined;

  // Whatever the counter says: Redis may lack what was revoked meanwhile.
  link.onChange((up) => {
    if (up) news.emit();
  });

  const store: SharedRevocations & { check: (client: RedisClient) => Promise<void> } = {
    isUp: link.isUp,
    onNews: news.on,

    /** Part of the link's probe. */
    async check(client) {
      const count = await client.get(counter);
      if (count === seen) return;
      seen = count;
      if (link.isUp()) news.emit();
    },

    async add(revocations) {
      const fields = revocations.map((each): [string, string] => [fieldOf(each), JSON.stringify(each)]);
      await link.run((client) => Promise.all([client.hSet(hash, fields), client.incr(counter)]));
    },

    all: () => link.run(async (client) => Object.values(await client.hGetAll(hash)).flatMap(parse)),

    async prune(beforeMs) {
      const old = (await store.all()).filter(({ revokedAtMs }) => revokedAtMs < beforeMs);
      if (old.length > 0) await link.run((client) => client.hDel(hash, old.map(fieldOf)));
    },
  };
  return store;
}

function fieldOf({ userId, documentId = "", action }: Revocation): string {
  return JSON.stringify([userId, documentId, action]);
}

/** Another version may write other things there: what does not fit is left out. */
function parse(text: string): Revocation[] {
  try {
    const parsed = v.safeParse(revocationSchema, JSON.parse(text));
    return parsed.success ? [parsed.output] : [];
  } catch {
    return [];
  }
}
