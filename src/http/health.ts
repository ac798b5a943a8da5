import { Hono } from "hono";

export interface Health {
  status: "starting" | "serving" | "draining";
  mode: string;
  runtime: string;
  nodeId: string;
  redis: {
    configured: boolean;
    up?: boolean;
    lastError?: string | undefined;
    roundTripMs?: number | undefined;
  };
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
