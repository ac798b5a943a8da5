import { Hono } from "hono";
import { describeRoute } from "hono-openapi";
import { createServiceKeys } from "../auth/service-keys.ts";
import { Refusal } from "../util/errors.ts";
import { bearerOf } from "./bearer.ts";
import { refused } from "./describe.ts";
import type { Metrics } from "../observability/metrics.ts";

/** @param token what a request must bear; without one, anyone may read. */
export function metricsRoutes({ registry, text }: Metrics, token: string | undefined) {
  const app = new Hono();
  const isToken = token === undefined ? () => true : createServiceKeys([token]);
  const about = describeRoute({
    summary: "Metrics for Prometheus, read at most once a second for all who ask",
    // Anyone, where no METRICS_TOKEN is set.
    security: [{}, { metricsToken: [] }],
    responses: { 200: { description: "All of them", content: { "text/plain": {} } }, 401: refused },
  });
  app.get("/", about, async (c) => {
    if (!isToken(bearerOf(c) ?? "")) throw new Refusal("unauthorized", "METRICS_TOKEN is required");
    return c.body(await text(), 200, { "content-type": registry.contentType });
  });
  return app;
}
