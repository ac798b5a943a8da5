import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import type { Logger } from "../shared/log.ts";
import type { Access } from "../auth/access.ts";
import type { Revocations } from "../auth/revocations.ts";
import { createServiceKeys } from "../auth/service-keys.ts";
import type { Limits } from "../limits/limits.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { Refusal, toReply } from "../shared/errors.ts";
import type { Answers } from "./answers.ts";
import { asyncApi } from "./asyncapi.ts";
import { type BackendSource, backendRoutes } from "./backend.ts";
import type { OriginCheck } from "../shared/origin.ts";
import { type ClusterSource, clusterRoutes } from "./cluster.ts";
import { type DocumentSource, documentRoutes } from "./documents.ts";
import { type HealthSource, healthRoutes } from "./health.ts";
import type { HttpEnv } from "./env.ts";
import { identify } from "./identity.ts";
import { openApi } from "./openapi.ts";
import { originGuard } from "./origin.ts";
import { rateLimit } from "./rate-limit.ts";
import { type Metrics, metricsRoutes } from "./metrics.ts";
import { pageRoutes } from "./pages.ts";
import { referenceRoutes } from "./reference.ts";
import { traceRequests } from "./trace-requests.ts";
import { answerHeaders } from "./security-headers.ts";

export interface HttpOptions {
  health: HealthSource;
  metrics: Metrics;
  metricsToken: string | undefined;
  answers: Answers;
  documents: DocumentSource;
  cluster: ClusterSource;
  backend: BackendSource;
  revocations: Revocations;
  maxUpdateBytes: number;
  apiKeys: string[];
  clientOrigins: string[];
  allowsOrigin: OriginCheck;
  maxBodyBytes: number;
  clientAddress: ClientAddress;
  limits: Limits;
  access: Access;
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
  app.route("/metrics", metricsRoutes(options.metrics, options.metricsToken));
  app.use("/api/*", originGuard(options.allowsOrigin));
  if (clientOrigins.length > 0) app.use("/api/*", cors({ origin: clientOrigins, credentials: true }));
  app.use("/api/*", traceRequests());
  app.use(rateLimit(options.limits, options.clientAddress));
  app.get("/api/openapi.json", (c) => c.json(openApi));
  app.get("/api/asyncapi.json", (c) => c.json(asyncApi));
  app.use("/api/*", identify({ ...options, isServiceKey: createServiceKeys(options.apiKeys) }));
  // Not before it is known who asks: a body in chunks is held whole here, to find out how long it is.
  app.use("/api/*", limitBody(options.maxBodyBytes));
  app.route("/api/documents", documentRoutes(options.documents, options.access, options.answers));
  app.route("/api/cluster", clusterRoutes(options.cluster, options.access, options.answers));
  app.route("/api", backendRoutes(options));
  app.route("/docs", referenceRoutes());
  app.route("/", pageRoutes(options.answers));

  app.notFound((c) => c.json({ error: { code: "invalid", message: `no such page: ${c.req.path}` } }, 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // Whoever went away in the middle of a body: nobody's mistake here, and nobody hears the answer.
    if (c.req.raw.signal.aborted || isAbort(error)) return c.body(null, 400);
    const known = error instanceof Refusal;
    if (!known) log.error({ err: error, path: c.req.path }, "a request failed");
    const refusal = known ? error : new Refusal("unavailable", "internal error; try again later");
    if (refusal.code === "unauthorized") c.header("WWW-Authenticate", "Bearer");
    if (refusal.retryAfterMs !== undefined)
      c.header("Retry-After", String(Math.ceil(refusal.retryAfterMs / 1000)));
    return c.json({ error: toReply(refusal).error }, statusOf[refusal.code]);
  });
  return app;
}

/** As each runtime calls a request that ended before its body did. */
function isAbort({ name, message }: Error): boolean {
  return name === "AbortError" || /^(aborted|The connection was closed\.)$/.test(message);
}

function limitBody(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError() {
      throw new Refusal("too_large", `the body is longer than ${maxSize} bytes`);
    },
  });
}
