import { Hono } from "hono";
import type { AsyncApi } from "./asyncapi.ts";
import { describeRoute, forAnyone, ok } from "./describe.ts";
import type { OpenApi } from "./openapi.ts";

/** What the server offers, for machines. Each description is made when it is first asked for. */
export function descriptionRoutes(asyncApi: () => AsyncApi, openApi: () => Promise<OpenApi>) {
  const app = new Hono();
  const about = (summary: string, description: string) =>
    describeRoute({
      summary,
      security: forAnyone,
      responses: ok(description, { "application/json": {} }),
    });
  app.get("/openapi.json", about("The description of all routes", "OpenAPI 3.1"), async (c) =>
    c.json(await openApi()),
  );
  app.get("/asyncapi.json", about("The description of all events", "AsyncAPI 3"), (c) => c.json(asyncApi()));
  return app;
}
