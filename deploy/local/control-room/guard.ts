import type { MiddlewareHandler } from "hono";

/**
 * The control room ends processes. Only its own page may have it do so, and no other may even look:
 * - a `Host` that is not this machine's own name is somebody's domain that was made to point here (DNS rebinding);
 * - a change must come from a page of this very origin. Any page can send a POST to a local port, and the demo,
 *   on another port, is another origin.
 */
export function guard(port: () => number): MiddlewareHandler {
  return async (c, next) => {
    const hosts = [`localhost:${port()}`, `127.0.0.1:${port()}`];
    const host = c.req.header("host")?.toLowerCase() ?? "";
    if (!hosts.includes(host)) return c.json({ error: "this is for localhost alone" }, 403);
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    if (!isRead && c.req.header("origin") !== `http://${host}`)
      return c.json({ error: "only the control room's own page may do that" }, 403);
    return next();
  };
}
