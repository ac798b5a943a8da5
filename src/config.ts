import { hostname } from "node:os";
import * as v from "valibot";
import type { TokenConfig } from "./auth/tokens.ts";
import { features as allFeatures } from "./features.ts";
import type { LimitsOptions } from "./limits/limits.ts";
import type { Feature } from "./platform/contract/define.ts";
import { StartupError } from "./shared/errors.ts";
import {
  certificates,
  count,
  isHttpUrl,
  isOrigin,
  isPublicKey,
  isRange,
  list,
  rate,
} from "./shared/variables.ts";
import { type Environment, contradictions, redisParts } from "./shared/contradictions.ts";
import {
  type RedisAddress,
  parseRedisUrl,
  redisUrlForms,
  redisUrlOf,
  taggedPrefix,
} from "./shared/redis-url.ts";

export type { Environment };

export interface RedisConfig {
  /** Credentials included: never log it. */
  address: RedisAddress;
  /** Certificates of who may vouch for it, in PEM; the system's if undefined. */
  ca?: string | undefined;
  /** Put before every key and channel, so that several deployments can share a Redis. */
  prefix: string;
}

/** What each feature has set, by its name. */
type FeatureSettings = Record<string, object>;

export type Config = ReturnType<typeof toConfig> & { features: FeatureSettings };

const collector = v.pipe(v.string(), v.check(isHttpUrl, "http://host:4318 or https://…"));
const secretAlgorithms = ["HS256", "HS384", "HS512"];
const keyAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const algorithms = new Set([...secretAlgorithms, ...keyAlgorithms]);

const name = v.regex(/^[A-Za-z0-9._:-]{1,64}$/, "1-64 of A-Za-z0-9._:-");

/** Every variable the process reads. Each message says what was expected. */
export const schema = v.object({
  PORT: v.optional(count(0, 65535), "3000"),
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty("a host name or address")), "0.0.0.0"),
  NODE_ID: v.optional(v.pipe(v.string(), name)),
  NODE_ENV: v.optional(v.string()),
  AUTH: v.optional(v.literal("off", "off, or nothing")),
  AUTH_SECRET: v.optional(
    v.pipe(v.string(), v.minLength(32, "32 characters at least: openssl rand -base64 32")),
  ),
  AUTH_PUBLIC_KEY: v.optional(
    v.pipe(
      v.string(),
      // In many places a variable has one line only.
      v.transform((text) => text.replaceAll("\\n", "\n")),
      v.check(isPublicKey, "a public key in PEM (SPKI), which begins with -----BEGIN PUBLIC KEY-----"),
    ),
  ),
  AUTH_JWKS_URL: v.optional(v.pipe(v.string(), v.check(isHttpUrl, "the http(s) address of a key set"))),
  AUTH_ALGORITHMS: v.optional(
    list("algorithms such as RS256, separated by commas", (item) => algorithms.has(item)),
  ),
  AUTH_ISSUER: v.optional(v.string()),
  AUTH_AUDIENCE: v.optional(v.string()),
  AUTH_MAX_AGE_S: v.optional(count(60, 31_536_000), "86400"),
  API_KEYS: v.optional(
    list(
      "keys of 32 characters at least, separated by commas: openssl rand -base64 32",
      (key) => key.length >= 32,
    ),
    "",
  ),
  METRICS_TOKEN: v.optional(
    v.pipe(v.string(), v.regex(/^\S{16,}$/, "16 characters at least, no blanks: openssl rand -base64 24")),
  ),
  CLIENT_ORIGIN: v.optional(
    list("origins such as https://app.example.com, separated by commas", isOrigin),
    "",
  ),
  TRUSTED_PROXIES: v.optional(
    list("IP addresses or CIDR ranges, separated by commas", isRange),
    "127.0.0.0/8,::1",
  ),
  REDIS_URL: v.optional(
    v.pipe(
      v.string(),
      v.check((url) => parseRedisUrl(url) !== undefined, redisUrlForms),
    ),
  ),
  REDIS_HOST: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:-]+$/, "a host name or address"))),
  REDIS_PORT: v.optional(count(1, 65535)),
  REDIS_USERNAME: v.optional(v.string()),
  REDIS_PASSWORD: v.optional(v.string()),
  REDIS_TLS: v.optional(v.picklist(["on", "off"], "on or off")),
  REDIS_CA_FILE: v.optional(certificates),
  REDIS_PREFIX: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:{}-]{0,64}$/, "up to 64 of A-Za-z0-9._:{}-")),
    "trimaran:",
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(collector),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: v.optional(collector),
  OTEL_SDK_DISABLED: v.optional(v.picklist(["true", "false"], "true or false")),
  ADMIN_UI_USER: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  ADMIN_UI_PASSWORD_HASH: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, "a hash by bcrypt (docs/operations/admin-ui.md)"),
    ),
  ),
  DATA_FILE: v.optional(v.pipe(v.string(), v.nonEmpty("a file path")), "data/trimaran.sqlite"),
  DATA_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 34)),
  MAX_UPDATE_BYTES: v.optional(count(1024, 2 ** 27), String(2 ** 22)),
  MAX_BUFFERED_BYTES: v.optional(count(65536, 2 ** 30), String(2 ** 20)),
  ANSWERS_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 28)),
  USER_ANSWERS_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 26)),
  ANSWERS_TOTAL_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 29)),
  HEADERS_TIMEOUT_MS: v.optional(count(100, 600_000), "10000"),
  BODY_TIMEOUT_MS: v.optional(count(100, 600_000), "60000"),
  CONNECT_TIMEOUT_MS: v.optional(count(100, 600_000), "10000"),
  MAX_HEADER_BYTES: v.optional(count(4096, 2 ** 20), "16384"),
  OUTBOX_MAX_EVENTS: v.optional(count(1, 10_000_000), "10000"),
  OUTBOX_MAX_BYTES: v.optional(count(1024, 2 ** 32), String(2 ** 24)),
  OUTBOX_MAX_AGE_MS: v.optional(count(1000, 86_400_000), "900000"),
  HTTP_RATE: v.optional(rate, "1200/60s"),
  USER_HTTP_RATE: v.optional(rate, "600/60s"),
  CONNECT_RATE: v.optional(rate, "1200/60s"),
  USER_CONNECT_RATE: v.optional(rate, "120/60s"),
  EVENT_RATE: v.optional(rate, "20000/10s"),
  USER_EVENT_RATE: v.optional(rate, "2000/10s"),
  BYTE_RATE: v.optional(rate, "500000000/10s"),
  USER_BYTE_RATE: v.optional(rate, "50000000/10s"),
  MAX_CONNECTIONS: v.optional(count(1, 10_000_000), "5000"),
  USER_MAX_CONNECTIONS: v.optional(count(1, 10_000_000), "100"),
  MAX_JOINED: v.optional(count(1, 10_000_000), "20000"),
  USER_MAX_JOINED: v.optional(count(1, 10_000_000), "1000"),
  COST_PERCENT: v.optional(count(1, 100), "5"),
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
 * expected. Values of secret variables are never repeated.
 */
export function readConfig(env: Environment, features: readonly Feature[] = allFeatures): Config {
  const whole = withFeatures(features);
  const set = Object.fromEntries(
    Object.keys(whole.entries).map((key) => [key, env[key] === "" ? undefined : env[key]]),
  );
  const result = v.safeParse(whole, set);
  const problems = [
    ...(result.issues ?? []).map((issue) => {
      const key = String(issue.path?.[0]?.key);
      return `${key}=${shown(key, set[key])}: expected ${issue.message}`;
    }),
    ...contradictions(set),
  ];
  if (!result.success || problems.length > 0) {
    throw new StartupError(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n` +
        problems.map((problem) => `  ${problem}`).join("\n") +
        "\nSee .env.example for every variable.",
    );
  }
  const { output } = result;
  const settingsOf = ({ contract, settings = {} }: Feature) => [
    contract.name,
    Object.fromEntries(Object.keys(settings).map((key) => [key, (output as Record<string, unknown>)[key]])),
  ];
  return { ...toConfig(output), features: Object.fromEntries(features.map(settingsOf)) as FeatureSettings };
}

/** The platform's variables, and those of features. */
export function withFeatures(features: readonly Feature[]) {
  const entries = features.map(({ settings }) => settings ?? {});
  return v.object(Object.assign({}, schema.entries, ...entries) as typeof schema.entries);
}

/** Undefined when everybody may do everything. */
function tokenConfig(vars: Variables): TokenConfig | undefined {
  const { AUTH_SECRET: secret, AUTH_PUBLIC_KEY: publicKey, AUTH_JWKS_URL: jwksUrl } = vars;
  if (!secret && !publicKey && !jwksUrl) return undefined;
  return {
    secret,
    publicKey,
    jwksUrl,
    algorithms: vars.AUTH_ALGORITHMS ?? (secret ? ["HS256"] : keyAlgorithms),
    issuer: vars.AUTH_ISSUER,
    audience: vars.AUTH_AUDIENCE,
    maxAgeMs: vars.AUTH_MAX_AGE_S * 1000,
  };
}

function shown(key: string, value: string | undefined): string {
  return /PASSWORD|SECRET|TOKEN|KEY|URL/.test(key) ? "(hidden)" : JSON.stringify(value);
}

function toConfig(vars: Variables) {
  const redis = redisConfig(vars);
  return {
    port: vars.PORT,
    host: vars.HOST,
    nodeId:
      vars.NODE_ID ??
      `${hostname()
        .slice(0, 40)
        .replace(/[^A-Za-z0-9._-]/g, "-")}-${process.pid}`,
    clientOrigins: vars.CLIENT_ORIGIN,
    trustedProxies: vars.TRUSTED_PROXIES,
    redis,
    dataFile: vars.DATA_FILE,
    dataMaxBytes: vars.DATA_MAX_BYTES,
    maxUpdateBytes: vars.MAX_UPDATE_BYTES,
    /** What may wait for a client that does not read. */
    maxBufferedBytes: vars.MAX_BUFFERED_BYTES,
    /** How long a client may take to say what it wants, and how much it may say. */
    http: {
      headersTimeoutMs: vars.HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: vars.BODY_TIMEOUT_MS,
      maxHeaderBytes: vars.MAX_HEADER_BYTES,
    },
    /** What is held for answers over HTTP until clients have read them, and how long it waits for one. */
    answers: {
      maxBytes: {
        address: vars.ANSWERS_MAX_BYTES,
        user: vars.USER_ANSWERS_MAX_BYTES,
        total: vars.ANSWERS_TOTAL_BYTES,
      },
      stallMs: vars.BODY_TIMEOUT_MS,
    },
    /** How long a connection may stay without joining the namespace. */
    connectTimeoutMs: vars.CONNECT_TIMEOUT_MS,
    /** What is kept of room events while Redis is away, to be published when it is back. */
    outbox: {
      maxEntries: vars.OUTBOX_MAX_EVENTS,
      maxBytes: vars.OUTBOX_MAX_BYTES,
      maxAgeMs: vars.OUTBOX_MAX_AGE_MS,
    },
    limits: {
      rates: {
        http: { address: vars.HTTP_RATE, user: vars.USER_HTTP_RATE },
        connect: { address: vars.CONNECT_RATE, user: vars.USER_CONNECT_RATE },
        event: { address: vars.EVENT_RATE, user: vars.USER_EVENT_RATE },
        byte: { address: vars.BYTE_RATE, user: vars.USER_BYTE_RATE },
      },
      quotas: {
        connections: { address: vars.MAX_CONNECTIONS, user: vars.USER_MAX_CONNECTIONS },
        joined: { address: vars.MAX_JOINED, user: vars.USER_MAX_JOINED },
      },
      costShare: vars.COST_PERCENT / 100,
    } satisfies Pick<LimitsOptions, "rates" | "quotas" | "costShare">,
    tokens: tokenConfig(vars),
    maxTokenAgeMs: vars.AUTH_MAX_AGE_S * 1000,
    apiKeys: vars.API_KEYS,
    /** What `/metrics` asks for; without it, anyone who reaches the port may read them. */
    metricsToken: vars.METRICS_TOKEN,
    adminUi:
      vars.ADMIN_UI_USER !== undefined && vars.ADMIN_UI_PASSWORD_HASH !== undefined
        ? { username: vars.ADMIN_UI_USER, passwordHash: vars.ADMIN_UI_PASSWORD_HASH }
        : undefined,
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

function redisConfig(vars: Variables): RedisConfig | undefined {
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_PREFIX: prefix } = vars;
  const ca = vars.REDIS_CA_FILE;
  const address = REDIS_URL === undefined ? undefined : parseRedisUrl(REDIS_URL);
  if (address) return { address, prefix: address.kind === "cluster" ? taggedPrefix(prefix) : prefix, ca };
  if (redisParts.every((key) => vars[key] === undefined || vars[key] === "off")) return undefined;
  const url = redisUrlOf({
    host: REDIS_HOST,
    port: REDIS_PORT,
    username: REDIS_USERNAME,
    password: REDIS_PASSWORD,
    tls: vars.REDIS_TLS === "on",
  });
  return { address: { kind: "node", url }, prefix, ca };
}
