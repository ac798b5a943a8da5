import { Hono } from "hono";
import { describeRoute, forAnyone, ok } from "./describe.ts";

export interface Health {
  status: "starting" | "serving" | "draining";
  mode: string;
  runtime: string;
  nodeId: string;
  /** Why it is down, and where it is, is for the log alone: anyone may ask here. */
  redis: { configured: boolean; up?: boolean };
}

export type HealthSource = () => Health;

/** `/livez`: the process answers. `/readyz`: send it traffic, or (503) don't. */
export function healthRoutes(health: HealthSource) {
  const app = new Hono();
  const live = describeRoute({
    summary: "Whether the process answers",
    security: forAnyone,
    responses: ok("It does"),
  });
  const ready = describeRoute({
    summary: "Whether to send traffic here, with the mode and whether Redis is up",
    security: forAnyone,
    responses: { ...ok("Serving"), 503: { description: "Starting or stopping" } },
  });
  app.get("/livez", live, (c) => c.json({ status: "alive" }));
  app.get("/readyz", ready, (c) => {
    const body = health();
    c.header("Cache-Control", "no-store");
    // Degraded is ready: a replica without Redis serves its clients.
    return c.json(body, body.status === "serving" ? 200 : 503);
  });
  return app;
}
