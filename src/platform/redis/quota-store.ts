import { randomUUID } from "node:crypto";
import type { HeldStore } from "../limits/quota.ts";
import type { RedisLink } from "./connection-supervisor.ts";

/** Three renewals of limits/quota.ts may fail. */
const livesMs = 35_000;

/** What each process holds: a hash for each key, with a field for each process that says until when it counts. */
export function createHeldStore(link: RedisLink, prefix: string): HeldStore {
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
