import { randomUUID } from "node:crypto";
import type { RedisClient } from "./link.ts";

/**
 * Notices that Redis lost its data while the connection stayed (FLUSHALL) or between two connections:
 * a mark that is set once is then another one.
 */
export function createEpoch(prefix: string, onLost: () => void) {
  const key = `${prefix}epoch`;
  let known: string | undefined;

  return {
    async check(client: RedisClient): Promise<void> {
      const fresh = randomUUID();
      const before = await client.set(key, fresh, { condition: "NX", GET: true });
      const epoch = before ?? fresh;
      const lost = known !== undefined && known !== epoch;
      known = epoch;
      if (lost) onLost();
    },
  };
}
