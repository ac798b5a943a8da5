import { type Context, Hono } from "hono";
import type { Answers } from "../platform/http/answers.ts";
import type { HttpEnv } from "../platform/http/env.ts";
import { pageHeaders } from "../platform/http/security-headers.ts";
import { createAssets, pageSources } from "./assets.ts";

/** The demo page, its script and its styles, from this server's own files. @param parts the modules of features' parts. */
export function pageRoutes(answers: Answers, parts: readonly URL[]) {
  const app = new Hono<HttpEnv>();
  const assets = createAssets(pageSources(parts));

  async function respond(c: Context<HttpEnv>, name: string): Promise<Response | undefined> {
    const asset = await assets(name);
    if (!asset) return undefined;
    const headers = {
      "content-type": asset.contentType,
      "cache-control": "no-cache",
      etag: asset.etag,
    };
    if (c.req.header("if-none-match") === asset.etag) return c.body(null, 304, headers);
    return answers.send(c, asset.body, headers);
  }

  app.use("/", pageHeaders());
  app.use("/d/:room", pageHeaders());
  app.use("/worker.js", pageHeaders());
  app.get("/", async (c) => (await respond(c, "index.html")) ?? c.notFound());
  app.get("/d/:room", async (c) => (await respond(c, "index.html")) ?? c.notFound());
  // Not among the others: a worker is responsible for what lies below it.
  app.get("/worker.js", async (c) => (await respond(c, "worker.js")) ?? c.notFound());
  app.get("/assets/:name", async (c) => (await respond(c, c.req.param("name"))) ?? c.notFound());
  return app;
}
