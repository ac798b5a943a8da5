import type { MiddlewareHandler } from "hono";
import type { Limits } from "../limits/limits.ts";
import type { ClientAddress } from "../util/client-address.ts";
import type { HttpEnv } from "./env.ts";

/**
 * Limits requests per client address, and tells the client where it stands in the `RateLimit-*`
 * headers of draft-ietf-httpapi-ratelimit-headers-06 (seconds, as there).
 */
export function rateLimit({ http }: Limits, clientAddress: ClientAddress): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const address = clientAddress(c.env.remoteAddress, c.req.header("x-forwarded-for"));
    const { allowed, limit, remaining, resetInMs } = await http({ address });
    const resetSeconds = String(Math.ceil(resetInMs / 1000));
    c.header("RateLimit-Limit", String(limit));
    c.header("RateLimit-Remaining", String(remaining));
    c.header("RateLimit-Reset", resetSeconds);
    if (allowed) return next();
    c.header("Retry-After", resetSeconds);
    return c.json(
      { error: { code: "rate_limited", message: "too many requests", retryAfterMs: resetInMs } },
      429,
    );
  };
}
