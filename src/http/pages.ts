import { Hono } from "hono";
import { type Asset, createAssets, webSources } from "../web/assets.ts";
import { pageHeaders } from "./security-headers.ts";

/** The demo page, its script and its styles, from this server's own files. */
export function pageRoutes() {
  const app = new Hono();
  const assets = createAssets(webSources);

  async function respond(request: Request, name: string): Promise<Response | undefined> {
    const asset: Asset | undefined = await assets(name);
    if (!asset) return undefined;
    const headers = {
      "content-type": asset.contentType,
      "cache-control": "no-cache",
      etag: asset.etag,
    };
    if (request.headers.get("if-none-match") === asset.etag)
      return new Response(null, { status: 304, headers });
    return new Response(asset.body, { headers });
  }

  app.use("/", pageHeaders());
  app.use("/d/:documentId", pageHeaders());
  app.use("/worker.js", pageHeaders());
  app.get("/", async (c) => (await respond(c.req.raw, "index.html")) ?? c.notFound());
  app.get("/d/:documentId", async (c) => (await respond(c.req.raw, "index.html")) ?? c.notFound());
  // Not among the others: a worker is responsible for what lies below it.
  app.get("/worker.js", async (c) => (await respond(c.req.raw, "worker.js")) ?? c.notFound());
  app.get("/assets/:name", async (c) => (await respond(c.req.raw, c.req.param("name"))) ?? c.notFound());
  return app;
}
