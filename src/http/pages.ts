import { type Context, Hono } from "hono";
import { type Asset, createAssets, webSources } from "../web/assets.ts";
import type { Answers } from "./answers.ts";
import type { HttpEnv } from "./env.ts";
import { pageHeaders } from "./security-headers.ts";

/** The demo page, its script and its styles, from this server's own files. */
export function pageRoutes(answers: Answers) {
  const app = new Hono<HttpEnv>();
  const assets = createAssets(webSources);

  async function respond(c: Context<HttpEnv>, name: string): Promise<Response | undefined> {
    const asset: Asset | undefined = await assets(name);
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
  app.use("/d/:documentId", pageHeaders());
  app.use("/worker.js", pageHeaders());
  app.get("/", async (c) => (await respond(c, "index.html")) ?? c.notFound());
  app.get("/d/:documentId", async (c) => (await respond(c, "index.html")) ?? c.notFound());
  // Not among the others: a worker is responsible for what lies below it.
  app.get("/worker.js", async (c) => (await respond(c, "worker.js")) ?? c.notFound());
  app.get("/assets/:name", async (c) => (await respond(c, c.req.param("name"))) ?? c.notFound());
  return app;
}
