import type { MiddlewareHandler } from "hono";
import type { Access } from "../auth/access.ts";
import type { Limits } from "../limits/limits.ts";
import type { RoomId } from "../contract/room-id.ts";
import { Refusal } from "../util/errors.ts";
import { bearerOf } from "./bearer.ts";
import { forBackends, forUsers, described } from "./describe.ts";
import type { HttpEnv } from "./env.ts";

export interface IdentityOptions {
  access: Access;
  limits: Limits;
  isServiceKey: (text: string) => boolean;
}

/** Finds out who asks, from `Authorization: Bearer`: a key of a backend, or a token like that of a handshake. */
export function identify({ access, limits, isServiceKey }: IdentityOptions): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const bearer = bearerOf(c);
    if (bearer !== undefined && isServiceKey(bearer)) {
      c.set("caller", { user: undefined, isService: true });
      return next();
    }
    // Without authentication nobody is asked for a token; but nobody is a backend either.
    const user = bearer === undefined && access.isOpen ? undefined : await access.identify(bearer);
    if (user && !access.isCurrent(user)) throw new Refusal("unauthorized", "the token was revoked");
    if (user) {
      const { allowed, resetInMs } = await limits.http({ userId: user.id });
      if (!allowed) throw new Refusal("rate_limited", "too many requests", { retryAfterMs: resetInMs });
    }
    c.set("caller", { user, isService: user?.isService === true });
    return next();
  };
}

/** For routes of backends alone. */
export const requireService: MiddlewareHandler<HttpEnv> = described(
  { spec: { security: forBackends } },
  (c, next) => {
    if (!c.var.caller.isService)
      throw new Refusal(
        c.var.caller.user ? "forbidden" : "unauthorized",
        "this is for backends: a key of API_KEYS, or a token with `service`, is required",
      );
    return next();
  },
);

type OfRoom = MiddlewareHandler<HttpEnv, string, { out: { param: { id: RoomId } } }>;

/** For routes of a room, behind `takesRoom`: for backends and for users who may read it. */
export function requireRead(access: Access): OfRoom {
  return described({ spec: { security: forUsers } }, async (c, next) => {
    const { id } = c.req.valid("param");
    const { user, isService } = c.var.caller;
    if (!isService && !(await access.may(user, id, "read")))
      throw new Refusal("forbidden", `you may not read document "${id}"`);
    await next();
  });
}
