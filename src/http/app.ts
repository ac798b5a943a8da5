import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "../shared/log.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { Refusal } from "../shared/errors.ts";
import type { OriginCheck } from "../shared/origin.ts";
import { type ClusterSource, clusterRoutes } from "./cluster.ts";
import { type DocumentSource, documentRoutes } from "./documents.ts";
import { type HealthSource, healthRoutes } from "./health.ts";
import type { HttpEnv } from "./env.ts";
import { originGuard } from "./origin.ts";
import { rateLimit } from "./rate-limit.ts";
import { type Metrics, metricsRoutes } from "./metrics.ts";
import { pageRoutes } from "./pages.ts";
import { answerHeaders } from "./security-headers.ts";

export interface HttpOptions {
  health: HealthSource;
  metrics: Metrics;
  documents: DocumentSource;
  cluster: ClusterSource;
  clientOrigins: string[];
  allowsOrigin: OriginCheck;
  maxBodyBytes: number;
  clientAddress: ClientAddress;
  limiter: Limiter;
  log: Logger;
}

const statusOf = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_joined: 409,
  too_large: 413,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
} as const;

/** All HTTP routes. Probes and metrics come before the limits: a balancer is never refused. */
export function createHttpApp(options: HttpOptions) {
  const { clientOrigins, log } = options;
  const app = new Hono<HttpEnv>();
  app.use(answerHeaders());
  app.route("/", healthRoutes(options.health));
  app.route("/metrics", metricsRoutes(options.metrics));
  app.use("/api/*", originGuard(options.allowsOrigin));
  if (clientOrigins.length > 0) app.use("/api/*", cors({ origin: clientOrigins, credentials: true }));
  app.use(rateLimit(options.limiter, options.clientAddress));
  app.use("/api/*", limitBody(options.maxBodyBytes));
  app.route("/api/documents", documentRoutes(options.documents));
  app.route("/api/cluster", clusterRoutes(options.cluster));
  app.route("/", pageRoutes());

  app.notFound((c) => c.json({ error: { code: "invalid", message: `no such page: ${c.req.path}` } }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    const known = error instanceof Refusal;
    if (!known) log.error({ err: error, path: c.req.path }, "a request failed");
    const refusal = known ? error : new Refusal("unavailable", "internal error; try again later");
    return c.json({ error: { code: refusal.code, message: refusal.message } }, statusOf[refusal.code]);
  });
  return app;
}

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError() {
      throw new Refusal("too_large", `the body is longer than ${maxSize} bytes`);
    },
  });
}
