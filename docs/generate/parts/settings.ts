import type * as v from "valibot";
import { type schema, withFeatures } from "../../../src/config.ts";
import type { authVariables } from "../../../src/config/auth.ts";
import type { limitVariables } from "../../../src/config/limits.ts";
import type { redisVariables } from "../../../src/config/redis.ts";
import * as listed from "../../../src/features.ts";
import { descriptionOf, isRequired } from "../example-settings.ts";
import { listFeatures } from "../../../src/platform/contract/define.ts";
import { table } from "../table.ts";
import { bounded } from "./bounds.ts";

const features = listFeatures(listed);

type Lines<T extends { entries: object }> = Record<keyof T["entries"], string>;

const auth: Lines<typeof authVariables> = {
  AUTH: "`off`: the server may be open with `NODE_ENV=production`",
  AUTH_SECRET: "the secret of tokens (HS256)",
  AUTH_PUBLIC_KEY: "the public key of tokens; `\\n` stands for its line ends",
  AUTH_JWKS_URL: "the address of the issuer's key set",
  AUTH_ALGORITHMS: "the only algorithms taken; HS256 with a secret, else RS*, PS*, ES*, EdDSA, if unset",
  AUTH_ISSUER: "what a token must say as `iss`",
  AUTH_AUDIENCE: "what a token must say as `aud`",
  AUTH_MAX_AGE_S: "seconds after which a token is refused, whatever it says of its own end",
  API_KEYS: "keys of backends",
  METRICS_TOKEN: "what `GET /metrics` asks for; without it, every client that reaches the port may read them",
  ADMIN_UI_USER: "the user of Socket.IO's Admin UI; off without it",
  ADMIN_UI_PASSWORD_HASH: "the hash of that user's password",
};
const redis: Lines<typeof redisVariables> = {
  REDIS_URL: "where Redis is; or the parts below. Without either the server runs alone",
  REDIS_HOST: "its host",
  REDIS_PORT: "its port; 6379 if unset",
  REDIS_USERNAME: "the ACL user",
  REDIS_PASSWORD: "the password",
  REDIS_TLS: "`on`: over TLS, as `rediss://`",
  REDIS_CA_FILE: "certificates of the authorities to check Redis' certificate with; the system's if unset",
  REDIS_PREFIX: "before every key and channel, so that several deployments can share a Redis",
};
const limits: Lines<typeof limitVariables> = {
  HTTP_RATE: "requests of an address",
  USER_HTTP_RATE: "requests of a user",
  CONNECT_RATE: "connection attempts of an address",
  USER_CONNECT_RATE: "connection attempts of a user",
  EVENT_RATE: "events of an address",
  USER_EVENT_RATE: "events of a user",
  BYTE_RATE: "bytes of events of an address",
  USER_BYTE_RATE: "bytes of events of a user",
  MAX_CONNECTIONS: "open connections of an address",
  USER_MAX_CONNECTIONS: "open connections of a user",
  MAX_JOINED: "rooms joined by an address, over its connections",
  USER_MAX_JOINED: "rooms joined by a user, over its connections",
  ADMIN_UI_RATE: "attempts of an address at the Admin UI's password",
  COST_PERCENT: "percent of this process' time for the large documents of one user, or address without users",
};
type Rest = Exclude<
  keyof typeof schema.entries,
  keyof (typeof auth & typeof redis & typeof limits & typeof bounded)
>;
const rest: Record<Rest, string> = {
  PORT: "where the server listens; 0 lets the system choose",
  HOST: "the address it listens on",
  NODE_ID: "this replica's name in logs, metrics and the cluster view; host name and process id if unset",
  NODE_ENV: "`production`: the server does not start open, unless `AUTH=off`",
  CLIENT_ORIGIN: "other origins whose pages may call, with credentials",
  TRUSTED_PROXIES: "proxies whose `X-Forwarded-For` is believed",
  DATA_FILE: "the SQLite file: all documents in `single` mode, the journal and the outbox otherwise",
  DATA_MAX_BYTES: "bytes that the file may have",
  OUTBOX_MAX_EVENTS:
    "pushes kept for the other replicas while Redis is down; what does not fit is dropped, oldest first, and their clients get resync",
  OUTBOX_MAX_BYTES: "bytes of them",
  OUTBOX_MAX_AGE_MS: "milliseconds that one is kept",
  DRAIN_MS: "milliseconds that a stopping replica stays up, not ready; 1500 with Redis, 0 without, if unset",
  FAST_PATHS:
    "`off`: packets go to each receiver by Socket.IO's own means, to find out whether a fast path is at fault",
  OTEL_EXPORTER_OTLP_ENDPOINT: "where traces go; off without this one or the next",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "the same, the whole address",
  OTEL_SDK_DISABLED: "`true`: no traces",
  LOG_LEVEL: "the least severe that is logged",
  LOG_FORMAT: "`pretty` on a terminal, else `json`, if unset",
};

interface Schema {
  default?: unknown;
  message?: unknown;
  wrapped?: Schema;
  pipe?: readonly Schema[];
}

/** Which values a variable may have: the message of a wrong one says what was expected. */
function valuesOf({ message, wrapped, pipe = [] }: Schema): string | undefined {
  if (typeof message === "string") return message;
  const parts = wrapped ? [wrapped] : pipe.slice(pipe[0]?.pipe ? 0 : 1);
  return parts.map(valuesOf).find((values) => values !== undefined);
}

function settingsTable(
  title: string,
  lines: Record<string, string>,
  entries: Record<string, unknown>,
): string {
  const rows = Object.entries(lines).map(([variable, line]) => {
    const entry = entries[variable] as Schema;
    const byDefault =
      typeof entry.default === "string" && entry.default !== ""
        ? `\`${entry.default}\``
        : isRequired(entry as unknown as v.GenericSchema)
          ? "required"
          : "-";
    return [`\`${variable}\``, line, byDefault, valuesOf(entry) ?? "text"];
  });
  return `## ${title}\n\n${table(["setting", "meaning", "default", "may be"], rows)}`;
}

/** Every setting of the platform, and of the features that describe theirs. */
export default function settings(): string {
  const { entries } = withFeatures(features);
  const own = features.flatMap(({ contract, settings: ofFeature = {} }) => {
    const lines = Object.entries(ofFeature).map(([variable, entry]) => [
      variable,
      descriptionOf(entry as v.GenericSchema) ?? "-",
    ]);
    return lines.length > 0
      ? settingsTable(
          `Feature: ${contract.name}`,
          Object.fromEntries(lines) as Record<string, string>,
          entries,
        )
      : [];
  });
  return [
    settingsTable("The process", rest, entries),
    settingsTable("Authentication", auth, entries),
    settingsTable("Redis", redis, entries),
    settingsTable("Bounds for one client", bounded, entries),
    settingsTable("Limits over all replicas", limits, entries),
    ...own,
  ].join("\n\n");
}
