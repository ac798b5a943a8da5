import type { Context } from "hono";

/** What a request bears by `Authorization: Bearer`. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
}
