import type { MiddlewareHandler } from "hono";
import type { Limiter } from "../limits/limiter.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import type { HttpEnv } from "./env.ts";

/**
 * Limits requests per client address, and tells the client where it stands in the `RateLimit-*`
 * headers of draft-ietf-httpapi-ratelimit-headers-06 (seconds, as there).
 */
export function rateLimit(limiter: Limiter, clientAddress: ClientAddress): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const key = clientAddress(c.env.remoteAddress, c.req.header("x-forwarded-for"));
    const { allowed, limit, remaining, resetInMs } = await limiter(key);
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
