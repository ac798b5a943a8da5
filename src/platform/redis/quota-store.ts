import { randomUUID } from "node:crypto";
import type { QuotaStore } from "../limits/quota.ts";
import type { RedisLink } from "./connection-supervisor.ts";

/** Three renewals of limits/quota.ts may fail. */
const livesMs = 35_000;

/** What each process holds: a hash for each key, with a field for each process that says until when it counts. */
export function createQuotaStore(link: RedisLink, prefix: string): QuotaStore {
  const own = randomUUID();

  return {
    async tell(key, held) {
      const hash = `${prefix}:${key}`;
      const now = Date.now();
      // In one trip, and in this order.
      const [, , all] = await link.run((client) =>
        Promise.all([
          held > 0 ? client.hSet(hash, own, `${held} ${now + livesMs}`) : client.hDel(hash, own),
          client.pExpire(hash, livesMs),
          client.hGetAll(hash),
        ]),
      );
      let others = 0;
      for (const [process, value] of Object.entries(all)) {
        const [count = 0, until = 0] = value.split(" ").map(Number);
        if (process !== own && until > now && count > 0) others += count;
      }
      return others;
    },
  };
}
