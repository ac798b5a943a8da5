import { type Context, Hono } from "hono";
import type { Feature } from "../platform/contract/define.ts";
import type { Answers } from "../platform/http/answers.ts";
import type { HttpEnv } from "../platform/http/env.ts";
import { pageHeaders } from "../platform/http/security-headers.ts";
import type { Logger } from "../platform/observability/log.ts";
import { createAssets, pageSources } from "./assets.ts";

/** The demo page with the features' parts, its script and its styles, from this server's own files. */
export function pageRoutes(answers: Answers, features: readonly Feature[], log: Logger) {
  const app = new Hono<HttpEnv>();
  const parts = features.flatMap(({ contract, page }) => (page ? { feature: contract.name, url: page } : []));
  const assets = createAssets(pageSources(parts), (feature, problem) =>
    log.error(
      { feature, problem },
      "a feature's part of the page can't be bundled; the page goes without it",
    ),
  );

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
