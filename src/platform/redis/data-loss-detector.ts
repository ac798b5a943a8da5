import { randomUUID } from "node:crypto";
import type { RedisClient } from "./connection-supervisor.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Notices that Redis lost its data while the connection stayed (FLUSHALL) or between two connections:
 * a mark that is set once is then another one.
 */
export function createDataLossDetector(prefix: string, onLost: () => void, onMalformed: ReportMalformed) {
  const key = `${prefix}epoch`;
  let known: string | undefined;

  return {
    async check(client: RedisClient): Promise<void> {
      const fresh = randomUUID();
      const before = await client
        .set(key, fresh, { condition: "NX", GET: true })
        .catch((error: unknown) => (isWrongKind(error) ? "" : Promise.reject(error)));
      if (before !== null && !isUuid.test(before)) {
        // Not set by a replica: what everybody knew is put back, and nobody takes it for a loss.
        onMalformed("replica", { key: "epoch" });
        await client.set(key, (known ??= fresh));
        return;
      }
      const epoch = before ?? fresh;
      const lost = known !== undefined && known !== epoch;
      known = epoch;
      if (lost) onLost();
    },
  };
}
