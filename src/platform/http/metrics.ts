import { Hono } from "hono";
import { createServiceKeys } from "../auth/service-keys.ts";
import { Refusal } from "../util/errors.ts";
import { bearerOf } from "./bearer.ts";
import { describeRoute, ok, refused } from "./describe.ts";
import type { Metrics } from "../observability/metrics.ts";

/** @param token what a request must bear; without one, anyone may read. */
export function metricsRoutes({ registry, text }: Metrics, token: string | undefined) {
  const app = new Hono();
  const isToken = token === undefined ? () => true : createServiceKeys([token]);
  const about = describeRoute({
    summary: "Metrics for Prometheus, read at most once a second for all who ask",
    // Anyone, where no METRICS_TOKEN is set.
    security: [{}, { metricsToken: [] }],
    responses: { ...ok("All of them", { "text/plain": {} }), 401: refused },
  });
  app.get("/", about, async (c) => {
    if (!isToken(bearerOf(c) ?? "")) throw new Refusal("unauthorized", "METRICS_TOKEN is required");
    return c.body(await text(), 200, { "content-type": registry.contentType });
  });
  return app;
}
