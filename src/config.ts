import { hostname } from "node:os";
import * as v from "valibot";
import { authConfig, authVariables } from "./config/auth.ts";
import { boundConfig, boundVariables } from "./config/bounds.ts";
import { type FeatureSettings, checkSettings, readSettings } from "./config/feature-settings.ts";
import { limitConfig, limitVariables } from "./config/limits.ts";
import { redisConfig, redisVariables } from "./config/redis.ts";
import * as allFeatures from "./features.ts";
import { type Feature, listFeatures } from "./platform/contract/define.ts";
import { type Environment, contradictions } from "./platform/util/config-rules.ts";
import { StartupError } from "./platform/util/errors.ts";
import { createOwnership } from "./platform/util/ownership.ts";
import { count, isHttpUrl, isOrigin, isRange, list } from "./platform/util/variables.ts";

export type { Environment };

export type Config = ReturnType<typeof toConfig> & { features: FeatureSettings };

const collector = v.pipe(v.string(), v.check(isHttpUrl, "http://host:4318 or https://…"));
const name = v.regex(/^[A-Za-z0-9._:-]{1,64}$/, "1-64 of A-Za-z0-9._:-");

/** Every variable the process reads. Each message says what was expected. */
export const schema = v.object({
  ...authVariables.entries,
  ...redisVariables.entries,
  ...boundVariables.entries,
  ...limitVariables.entries,
  PORT: v.optional(count(0, 65535), "3000"),
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty("a host name or address")), "0.0.0.0"),
  NODE_ID: v.optional(v.pipe(v.string(), name)),
  NODE_ENV: v.optional(v.string()),
  CLIENT_ORIGIN: v.optional(
    list("origins such as https://app.example.com, separated by commas", isOrigin),
    "",
  ),
  TRUSTED_PROXIES: v.optional(
    list("IP addresses or CIDR ranges, separated by commas", isRange),
    "127.0.0.0/8,::1",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(collector),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: v.optional(collector),
  OTEL_SDK_DISABLED: v.optional(v.picklist(["true", "false"], "true or false")),
  DATA_FILE: v.optional(v.pipe(v.string(), v.nonEmpty("a file path")), "data/trimaran.sqlite"),
  DATA_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 34)),
  OUTBOX_MAX_EVENTS: v.optional(count(1, 10_000_000), "10000"),
  OUTBOX_MAX_BYTES: v.optional(count(1024, 2 ** 32), String(2 ** 24)),
  OUTBOX_MAX_AGE_MS: v.optional(count(1000, 86_400_000), "900000"),
  DRAIN_MS: v.optional(count(0, 600_000)),
  FAST_PATHS: v.optional(v.picklist(["on", "off"], "on or off"), "on"),
  LOG_LEVEL: v.optional(
    v.picklist(
      ["trace", "debug", "info", "warn", "error", "silent"],
      "trace, debug, info, warn, error or silent",
    ),
    "info",
  ),
  LOG_FORMAT: v.optional(v.picklist(["pretty", "json"], "pretty or json")),
});

type Variables = v.InferOutput<typeof schema>;

/**
 * Reads the configuration from environment variables. An empty variable counts as unset.
 *
 * @throws {StartupError} naming every problem at once, each with its variable and what was
 * expected. Values of secret variables, and of those of features, are never repeated.
 */
export function readConfig(
  env: Environment,
  features: readonly Feature[] = listFeatures(allFeatures),
): Config {
  const set = Object.fromEntries(
    Object.keys(withFeatures(features).entries).map((key) => [key, env[key] === "" ? undefined : env[key]]),
  );
  const result = v.safeParse(schema, set);
  const ofFeatures = readSettings(features, set);
  const problems = [
    ...(result.issues ?? []).map((issue) => {
      const key = String(issue.path?.[0]?.key);
      return `${key}=${shown(key, set[key])}: expected ${issue.message}`;
    }),
    ...ofFeatures.problems,
    ...contradictions(set),
  ];
  if (!result.success || problems.length > 0) {
    throw new StartupError(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n` +
        problems.map((problem) => `  ${problem}`).join("\n") +
        "\nSee .env.example for every variable.",
    );
  }
  return { ...toConfig(result.output), features: ofFeatures.settings };
}

/** The platform's variables, and those of features. @throws {StartupError} when two have one name, or one can't be set. */
export function withFeatures(features: readonly Feature[]) {
  const own = createOwnership(
    (name, owner, another) => `${owner} and ${another} both have the setting ${name}: rename one of them.`,
  );
  for (const name of Object.keys(schema.entries)) own(name, "The platform");
  for (const feature of features) {
    checkSettings(feature);
    for (const name of Object.keys(feature.settings ?? {})) own(name, `the feature ${feature.contract.name}`);
  }
  const entries = features.map(({ settings }) => settings ?? {});
  return v.object(Object.assign({}, schema.entries, ...entries) as typeof schema.entries);
}

function shown(key: string, value: string | undefined): string {
  return /PASSWORD|SECRET|TOKEN|KEY|URL/.test(key) ? "(hidden)" : JSON.stringify(value);
}

function toConfig(vars: Variables) {
  const redis = redisConfig(vars);
  return {
    ...authConfig(vars),
    ...boundConfig(vars),
    redis,
    limits: limitConfig(vars),
    port: vars.PORT,
    host: vars.HOST,
    nodeId:
      vars.NODE_ID ??
      `${hostname()
        .slice(0, 40)
        .replace(/[^A-Za-z0-9._-]/g, "-")}-${process.pid}`,
    clientOrigins: vars.CLIENT_ORIGIN,
    trustedProxies: vars.TRUSTED_PROXIES,
    dataFile: vars.DATA_FILE,
    dataMaxBytes: vars.DATA_MAX_BYTES,
    /** Room events kept while Redis is down, to be published when it is up. */
    outbox: {
      maxEntries: vars.OUTBOX_MAX_EVENTS,
      maxBytes: vars.OUTBOX_MAX_BYTES,
      maxAgeMs: vars.OUTBOX_MAX_AGE_MS,
    },
    /** Spans are sent where OpenTelemetry's own variables say, which its exporter reads by itself. */
    tracing:
      vars.OTEL_SDK_DISABLED !== "true" &&
      (vars.OTEL_EXPORTER_OTLP_ENDPOINT ?? vars.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined,
    /** How long a stopping replica stays up, not ready, for the balancer to notice. */
    drainMs: vars.DRAIN_MS ?? (redis ? 1500 : 0),
    /** Whether packets go out by the runtime's own means where it has better ones than Socket.IO's. */
    fastPaths: vars.FAST_PATHS === "on",
    log: { level: vars.LOG_LEVEL, format: vars.LOG_FORMAT },
  };
}
