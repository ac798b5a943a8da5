import type { Once } from "../limits/once.ts";
import type { RedisLink } from "./link.ts";

/** Remembers ids for all replicas, for `windowMs`. */
export function createRedisOnce(link: RedisLink, prefix: string, windowMs: number): Once {
  return {
    async claim(id) {
      const reply = await link.run((client) =>
        client.set(`${prefix}once:${id}`, "1", {
          condition: "NX",
          expiration: { type: "PX", value: windowMs },
        }),
      );
      return reply !== null;
    },
  };
}
