import { Hono } from "hono";

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
  app.get("/livez", (c) => c.json({ status: "alive" }));
  app.get("/readyz", (c) => {
    const body = health();
    c.header("Cache-Control", "no-store");
    // Degraded is ready: a replica without Redis serves its clients.
    return c.json(body, body.status === "serving" ? 200 : 503);
  });
  return app;
}
