import type { MiddlewareHandler } from "hono";
import { type OriginCheck, foreignOrigin } from "../util/origin.ts";
import type { HttpEnv } from "./env.ts";

/** Refuses requests of pages that may not call; the same rule as for sockets. */
export function originGuard(allowsOrigin: OriginCheck): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const isAllowed = allowsOrigin({
      origin: c.req.header("origin"),
      host: c.req.header("host"),
      forwardedHost: c.req.header("x-forwarded-host"),
      peer: c.env.remoteAddress,
    });
    if (isAllowed) return next();
    return c.body(foreignOrigin.body, foreignOrigin.status, { "content-type": "application/json" });
  };
}
