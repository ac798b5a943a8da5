import * as v from "valibot";
import type { TokenConfig } from "../platform/auth/tokens.ts";
import { count, isHttpUrl, isPublicKey, list } from "../platform/util/variables.ts";

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

/** Tokens, keys and passwords. */
export const authVariables = v.object({
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
  ADMIN_UI_USER: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
  ADMIN_UI_PASSWORD_HASH: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, "a hash by bcrypt (docs/operations/admin-ui.md)"),
    ),
  ),
});

type AuthVariables = v.InferOutput<typeof authVariables>;

export function authConfig(vars: AuthVariables) {
  const { ADMIN_UI_USER: username, ADMIN_UI_PASSWORD_HASH: passwordHash } = vars;
  return {
    tokens: tokenConfig(vars),
    maxTokenAgeMs: vars.AUTH_MAX_AGE_S * 1000,
    apiKeys: vars.API_KEYS,
    /** What `/metrics` asks for; without it, every client that reaches the port may read them. */
    metricsToken: vars.METRICS_TOKEN,
    adminUi: username !== undefined && passwordHash !== undefined ? { username, passwordHash } : undefined,
  };
}

/** Undefined when the server is open: every client may do everything. */
function tokenConfig(vars: AuthVariables): TokenConfig | undefined {
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
