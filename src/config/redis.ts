import * as v from "valibot";
import { redisParts } from "../platform/util/config-rules.ts";
import {
  type RedisAddress,
  parseRedisUrl,
  redisUrlForms,
  redisUrlOf,
  taggedPrefix,
} from "../platform/util/redis-url.ts";
import { certificates, count } from "../platform/util/variables.ts";

export interface RedisConfig {
  /** Credentials included: never log it. */
  address: RedisAddress;
  /** Certificates of the authorities that Redis' certificate is checked with, in PEM; the system's if undefined. */
  ca?: string | undefined;
  /** Put before every key and channel, so that several deployments can share a Redis. */
  prefix: string;
}

export const redisVariables = v.object({
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
});

/** Undefined in `single` mode. */
export function redisConfig(vars: v.InferOutput<typeof redisVariables>): RedisConfig | undefined {
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
