import { RedisStore } from "rate-limit-redis";
import type { LimitStore } from "../limits/limiter.ts";
import type { RedisLink } from "./link.ts";

/** Counts over all replicas, in keys `rate-limit:<prefix>:…`, through rate-limit-redis' scripts. */
export function createRedisLimitStore(link: RedisLink, prefix: string): LimitStore {
  const store = new RedisStore({
    prefix: `rate-limit:${prefix}:`,
    sendCommand: (...command: string[]) =>
      link.run((client) => client.sendCommand(command)) as Promise<never>,
  });
  // Its scripts' SHA promises stay rejected if Redis was away when they were loaded: load again
  // whenever Redis is back, and never leave a rejection without a listener.
  let ready: Promise<void> | undefined;
  link.onChange(() => (ready = undefined));

  return {
    async increment(key, windowMs, hits) {
      if (!ready) {
        // `init` wants express-rate-limit's options; it reads only this one.
        ready = store.init({ windowMs } as Parameters<RedisStore["init"]>[0]);
        ready.catch(() => undefined);
        Promise.resolve(store.incrementScriptSha).catch(() => undefined);
        Promise.resolve(store.getScriptSha).catch(() => undefined);
      }
      await ready.catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      // Its script begins the window and adds one; the rest is added to a window that is there.
      const { totalHits, resetTime } = await store.increment(key);
      const total =
        hits > 1 ? await link.run((client) => client.incrBy(store.prefix + key, hits - 1)) : totalHits;
      return {
        totalHits: total,
        resetInMs: resetTime ? Math.max(0, resetTime.getTime() - Date.now()) : windowMs,
      };
    },
  };
}
