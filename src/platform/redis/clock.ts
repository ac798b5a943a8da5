import type { RedisClient } from "./connection-supervisor.ts";

export type RedisClock = ReturnType<typeof createRedisClock>;

/** Redis' clock, which ids of stream entries are made of, as seen from here: right to half a round trip. */
export function createRedisClock() {
  let aheadMs: number | undefined;
  return {
    async check(client: RedisClient): Promise<void> {
      const before = performance.now();
      const [seconds, microseconds] = await client.time();
      const middle = (before + performance.now()) / 2;
      const ahead = Number(seconds) * 1000 + Number(microseconds) / 1000 - middle;
      // A busy moment of this process makes one reading worse than the last.
      aheadMs = aheadMs === undefined ? ahead : aheadMs * 0.7 + ahead * 0.3;
    },
    /** @returns milliseconds since the epoch; undefined before the first reading. */
    now: (): number | undefined => (aheadMs === undefined ? undefined : performance.now() + aheadMs),
  };
}
