import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { SpanKind, isTracing, traced } from "../observability/tracing.ts";

/** A span for each request, as a part of the trace that its `traceparent` header names. */
export function traceRequests(): MiddlewareHandler {
  return async (c, next) => {
    if (!isTracing()) return next();
    const route = routePath(c, -1);
    const attributes = () => ({ "http.request.method": c.req.method, "http.route": route });
    const parent = c.req.header("traceparent");
    return traced(`${c.req.method} ${route}`, { kind: SpanKind.SERVER, attributes, parent }, () => next());
  };
}
