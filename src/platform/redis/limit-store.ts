import { RedisStore } from "rate-limit-redis";
import type { LimitStore } from "../limits/limiter.ts";
import { Refusal } from "../util/errors.ts";
import type { RedisLink } from "./connection-supervisor.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

/** Counts over all replicas, in keys `rate-limit:<prefix>:…`, through rate-limit-redis' scripts. */
export function createRedisLimitStore(
  link: RedisLink,
  prefix: string,
  onMalformed: ReportMalformed,
): LimitStore {
  const store = new RedisStore({
    prefix: `rate-limit:${prefix}:`,
    sendCommand: (...command: string[]) =>
      link.run((client) => client.sendCommand(command)) as Promise<never>,
  });
  // Its scripts' SHA promises stay rejected if Redis was away when they were loaded: load again
  // whenever Redis is back, and never leave a rejection without a listener.
  let ready: Promise<void> | undefined;
  link.onChange(() => (ready = undefined));

  /** A count that is none would keep somebody out, or in: counting starts over. */
  async function startOver(key: string): Promise<never> {
    onMalformed("limit", {});
    await link.run((client) => client.del(`rate-limit:${prefix}:${key}`));
    throw new Refusal("unavailable", "a count in Redis was none");
  }

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
      const { totalHits, resetTime } = await store.increment(key).catch((error: unknown) => {
        if (isWrongKind(error) || isNoNumber(error)) return startOver(key);
        throw error;
      });
      const resetInMs = resetTime ? Math.max(0, resetTime.getTime() - Date.now()) : windowMs;
      if (!(Number.isSafeInteger(totalHits) && totalHits > 0 && resetInMs <= windowMs)) return startOver(key);
      // The script adds one, and begins the window; the rest is added to a window that is there.
      const total =
        hits > 1 ? await link.run((client) => client.incrBy(store.prefix + key, hits - 1)) : totalHits;
      return { totalHits: total, resetInMs };
    },
  };
}

function isNoNumber(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && /not an integer/.test(error.cause.message);
}
