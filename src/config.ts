import { hostname } from "node:os";
import * as v from "valibot";
import { createClientAddress } from "./shared/client-address.ts";
import { StartupError, errorMessage } from "./shared/errors.ts";
import { readCertificates } from "./shared/pem.ts";

export type Environment = Record<string, string | undefined>;

/** How many of something are allowed in how long. */
export interface Rate {
  limit: number;
  windowMs: number;
}

export interface RedisConfig {
  /** `redis://` or `rediss://` address, credentials included: never log it. */
  url: string;
  /** Certificates (PEM) to check the server's with, in the place of those the runtime trusts. */
  ca?: string;
  /** Put before every key and channel, so that several deployments can share a Redis. */
  prefix: string;
}

export type Config = ReturnType<typeof toConfig>;

const count = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `a whole number from ${min} to ${max}`,
    ),
    v.transform(Number),
  );

const rate = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,8}\/[1-9]\d{0,5}s$/, "COUNT/SECONDSs, such as 600/60s"),
  v.transform((text): Rate => {
    const [limit, seconds] = text.slice(0, -1).split("/").map(Number);
    return { limit: limit ?? 1, windowMs: (seconds ?? 1) * 1000 };
  }),
);

const list = (expected: string, isItem: (item: string) => boolean) =>
  v.pipe(
    v.string(),
    v.transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    ),
    v.check((items) => items.every(isItem), expected),
  );

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol);
}

function isRange(text: string): boolean {
  try {
    createClientAddress([text]);
    return true;
  } catch {
    return false;
  }
}

/** The text of a file that the variable names. */
const certificates = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return readCertificates(dataset.value);
    } catch (error) {
      addIssue({ message: `a PEM file of certificates; ${errorMessage(error)}` });
      return NEVER;
    }
  }),
);

const name = v.regex(/^[A-Za-z0-9._:-]{1,64}$/, "1-64 of A-Za-z0-9._:-");

/** Every variable the process reads. Each message says what was expected. */
const schema = v.object({
  PORT: v.optional(count(0, 65535), "3000"),
  HOST: v.optional(v.pipe(v.string(), v.nonEmpty("a host name or address")), "0.0.0.0"),
  NODE_ID: v.optional(v.pipe(v.string(), name)),
  CLIENT_ORIGIN: v.optional(
    list("origins such as https://app.example.com, separated by commas", isOrigin),
    "",
  ),
  TRUSTED_PROXIES: v.optional(
    list("IP addresses or CIDR ranges, separated by commas", isRange),
    "127.0.0.0/8,::1",
  ),
  REDIS_URL: v.optional(
    v.pipe(v.string(), v.check(isRedisUrl, "redis://[user:password@]host[:port][/db] or rediss://…")),
  ),
  REDIS_HOST: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:-]+$/, "a host name or address"))),
  REDIS_PORT: v.optional(count(1, 65535)),
  REDIS_USERNAME: v.optional(v.string()),
  REDIS_PASSWORD: v.optional(v.string()),
  REDIS_TLS: v.optional(v.picklist(["on", "off"], "on or off")),
  REDIS_CA_FILE: v.optional(certificates),
  REDIS_PREFIX: v.optional(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9._:-]{0,64}$/, "up to 64 of A-Za-z0-9._:-")),
    "trimaran:",
  ),
  DATA_FILE: v.optional(v.pipe(v.string(), v.nonEmpty("a file path")), "data/trimaran.sqlite"),
  DATA_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 34)),
  MAX_UPDATE_BYTES: v.optional(count(1024, 2 ** 27), String(2 ** 22)),
  MAX_DOCUMENT_BYTES: v.optional(count(1024, 2 ** 29), String(2 ** 25)),
  MAX_BUFFERED_BYTES: v.optional(count(65536, 2 ** 30), String(2 ** 20)),
  OUTBOX_MAX_EVENTS: v.optional(count(1, 10_000_000), "10000"),
  OUTBOX_MAX_BYTES: v.optional(count(1024, 2 ** 32), String(2 ** 24)),
  OUTBOX_MAX_AGE_MS: v.optional(count(1000, 86_400_000), "900000"),
  HTTP_RATE: v.optional(rate, "1200/60s"),
  CONNECT_RATE: v.optional(rate, "1200/60s"),
  EVENT_RATE: v.optional(rate, "20000/10s"),
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
export function readConfig(env: Environment): Config {
  const set = Object.fromEntries(
    Object.keys(schema.entries).map((key) => [key, env[key] === "" ? undefined : env[key]]),
  );
  const result = v.safeParse(schema, set);
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
  return toConfig(result.output);
}

function contradictions(set: Environment): string[] {
  const url = set["REDIS_URL"];
  const parts = ["REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_TLS"].filter(
    (key) => set[key],
  );
  const problems: string[] = [];
  if (url && parts.length > 0)
    problems.push(`REDIS_URL and ${parts.join(", ")} are both set: keep REDIS_URL or the parts, not both`);
  if (!url && set["REDIS_USERNAME"] && !set["REDIS_PASSWORD"])
    problems.push("REDIS_USERNAME is set without REDIS_PASSWORD: set both, or neither");
  if (set["REDIS_CA_FILE"] && set["REDIS_TLS"] !== "on" && !url?.startsWith("rediss:"))
    problems.push("REDIS_CA_FILE is set without TLS: use REDIS_URL=rediss://… or REDIS_TLS=on");
  return problems;
}

function shown(key: string, value: string | undefined): string {
  return /PASSWORD|SECRET|URL/.test(key) ? "(hidden)" : JSON.stringify(value);
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
    maxDocumentBytes: vars.MAX_DOCUMENT_BYTES,
    /** What may wait for a client that does not read. */
    maxBufferedBytes: vars.MAX_BUFFERED_BYTES,
    /** What is kept of room events while Redis is away, to be published when it is back. */
    outbox: {
      maxEntries: vars.OUTBOX_MAX_EVENTS,
      maxBytes: vars.OUTBOX_MAX_BYTES,
      maxAgeMs: vars.OUTBOX_MAX_AGE_MS,
    },
    rates: { http: vars.HTTP_RATE, connect: vars.CONNECT_RATE, event: vars.EVENT_RATE },
    /** How long a stopping replica stays up, not ready, for the balancer to notice. */
    drainMs: vars.DRAIN_MS ?? (redis ? 1500 : 0),
    /** Whether packets go out by the runtime's own means where it has better ones than Socket.IO's. */
    fastPaths: vars.FAST_PATHS === "on",
    log: { level: vars.LOG_LEVEL, format: vars.LOG_FORMAT },
  };
}

function redisConfig(vars: Variables): RedisConfig | undefined {
  const { REDIS_URL, REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD, REDIS_TLS } = vars;
  const { REDIS_PREFIX: prefix, REDIS_CA_FILE: ca } = vars;
  const rest = { prefix, ...(ca !== undefined && { ca }) };
  if (REDIS_URL) return { url: REDIS_URL, ...rest };
  const isTls = REDIS_TLS === "on";
  if (!REDIS_HOST && !REDIS_PORT && !REDIS_PASSWORD && !isTls) return undefined;
  const scheme = isTls ? "rediss" : "redis";
  const url = new URL(`${scheme}://${bracketed(REDIS_HOST ?? "localhost")}:${REDIS_PORT ?? 6379}`);
  // The URL object does the percent-encoding that a password with special characters needs.
  if (REDIS_USERNAME) url.username = encodeURIComponent(REDIS_USERNAME);
  if (REDIS_PASSWORD) url.password = encodeURIComponent(REDIS_PASSWORD);
  return { url: url.href, ...rest };
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
