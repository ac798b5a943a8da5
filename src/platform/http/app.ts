import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { HTTPException } from "hono/http-exception";
import type { Access } from "../auth/access.ts";
import { createServiceKeys } from "../auth/service-keys.ts";
import type { Limits } from "../limits/limits.ts";
import type { ClientAddress } from "../util/client-address.ts";
import { Refusal, toReply } from "../util/errors.ts";
import { lazy } from "../util/lazy.ts";
import type { ComposedContract } from "../contract/compose.ts";
import { describeEvents } from "./asyncapi.ts";
import { descriptionRoutes } from "./descriptions.ts";
import type { OriginCheck } from "../util/origin.ts";
import { type HealthSource, healthRoutes } from "./health.ts";
import type { HttpEnv } from "./env.ts";
import { type FeatureRoutes, addFeatureRoutes } from "./feature-routes.ts";
import { identify } from "./identity.ts";
import { describeRoutes } from "./openapi.ts";
import { originGuard } from "./origin.ts";
import { rateLimit } from "./rate-limit.ts";
import type { Observability } from "../observability/metrics.ts";
import { metricsRoutes } from "./metrics.ts";
import { referenceRoutes } from "./reference.ts";
import { traceRequests } from "./trace-requests.ts";
import { answerHeaders } from "./security-headers.ts";

/** What is set for HTTP. */
export interface HttpSettings {
  metricsToken: string | undefined;
  /** Of backends. */
  apiKeys: string[];
  /** Other origins whose pages may ask. */
  clientOrigins: string[];
  maxBodyBytes: number;
}

/** Who may ask, and how often. */
export interface HttpGuards {
  allowsOrigin: OriginCheck;
  clientAddress: ClientAddress;
  limits: Limits;
  access: Access;
}

export interface HttpOptions {
  observability: Observability;
  settings: HttpSettings;
  guards: HttpGuards;
  health: HealthSource;
  contract: ComposedContract;
  /** The platform's routes below `/api`. */
  api: readonly Hono<HttpEnv>[];
  /** Theirs are below `/api`, too. */
  features: readonly FeatureRoutes[];
  /** The demo page and its files. */
  page: Hono<HttpEnv>;
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

/**
 * All HTTP routes. Probes and metrics come before the limits: a balancer is never refused.
 *
 * @throws {StartupError} when two features, or a feature and the platform, answer the same request.
 */
export function createHttpApp({ observability, settings, guards, ...options }: HttpOptions) {
  const { log, metrics } = observability;
  const { clientOrigins } = settings;
  const app = new Hono<HttpEnv>();
  const asyncApi = lazy(() => describeEvents(options.contract));
  const openApi = lazy(() => describeRoutes(app));
  app.use(answerHeaders());
  app.route("/", healthRoutes(options.health));
  app.route("/metrics", metricsRoutes(metrics, settings.metricsToken));
  app.use("/api/*", originGuard(guards.allowsOrigin));
  if (clientOrigins.length > 0) app.use("/api/*", cors({ origin: clientOrigins, credentials: true }));
  app.use("/api/*", traceRequests());
  app.use(rateLimit(guards.limits, guards.clientAddress));
  app.route("/api", descriptionRoutes(asyncApi, openApi));
  app.use("/api/*", identify({ ...guards, isServiceKey: createServiceKeys(settings.apiKeys) }));
  // Not before it is known who asks: a body in chunks is held whole here, to find out how long it is.
  app.use("/api/*", limitBody(settings.maxBodyBytes));
  for (const routes of options.api) app.route("/api", routes);
  addFeatureRoutes(app, options.features);
  app.route("/docs", referenceRoutes(asyncApi, openApi));
  app.route("/", options.page);

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
