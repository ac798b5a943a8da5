import { createPublicKey } from "node:crypto";
import {
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  jwtVerify,
} from "jose";
import * as v from "valibot";
import { Refusal } from "../util/errors.ts";
import type { User } from "./user.ts";

/** Where tokens come from: exactly one of a secret, a public key or the address of a key set. */
export interface TokenConfig {
  /** For HS256, HS384 and HS512. */
  secret?: string | undefined;
  /** PEM (SPKI). */
  publicKey?: string | undefined;
  jwksUrl?: string | undefined;
  /** The only ones taken, whatever a token says of itself. */
  algorithms: string[];
  issuer?: string | undefined;
  audience?: string | undefined;
  /** A token that was issued longer ago is refused, whatever it says of its own end. */
  maxAgeMs: number;
  /** How long a key set is not read again, although a token names a key that it lacks. */
  keysCooldownMs?: number;
}

/**
 * Checks a token: its signature, algorithm, issuer, audience and times.
 * @throws {Refusal} `unauthorized` when it does not hold; `unavailable` when its key can't be had now.
 */
export type VerifyToken = (token: string | undefined) => Promise<User>;

const roleSchema = v.picklist(["read", "write"]);
const claimsSchema = v.object({
  sub: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  name: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(60))),
  documents: v.optional(v.record(v.pipe(v.string(), v.maxLength(128)), roleSchema), {}),
  service: v.optional(v.boolean(), false),
  iat: v.number(),
  exp: v.number(),
});

/**
 * How far an issuer's clock may be from this process' clock: a token's `iat` may lie so far ahead, so its `exp` and
 * its age may be past by so much, and so long after a revocation a token's `iat` may still be from before it.
 */
export const clockToleranceS = 5;
const maxTokenLength = 8192;
/** A key set is read again when it is older. */
const keysMaxAgeMs = 10 * 60_000;
const defaultCooldownMs = 10_000;
const keysTimeoutMs = 3000;

/** The one verification, for handshakes and HTTP alike. */
export function createTokenVerifier(config: TokenConfig): VerifyToken {
  const keys = keySource(config);
  const options: JWTVerifyOptions = {
    algorithms: config.algorithms,
    clockTolerance: clockToleranceS,
    requiredClaims: ["sub", "iat", "exp"],
    maxTokenAge: config.maxAgeMs / 1000,
    ...(config.issuer !== undefined && { issuer: config.issuer }),
    ...(config.audience !== undefined && { audience: config.audience }),
  };

  return async (token) => {
    if (!token) throw new Refusal("unauthorized", "a token is required");
    if (token.length > maxTokenLength) throw new Refusal("unauthorized", "the token is too long");
    const { payload } = await jwtVerify(token, async (...asked) => keys(...asked), options).catch(
      (error: unknown) => {
        throw refusalFor(error);
      },
    );
    return toUser(payload, config.maxAgeMs);
  };
}

function toUser(payload: JWTPayload, maxAgeMs: number): User {
  const parsed = v.safeParse(claimsSchema, payload, { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Refusal("unauthorized", `the token's ${v.getDotPath(issue) ?? "claims"}: ${issue.message}`);
  }
  const { sub, name, documents, service, iat, exp } = parsed.output;
  return {
    id: sub,
    name: name || undefined,
    documents,
    isService: service,
    issuedAtMs: iat * 1000,
    // Whichever comes first: what was taken away is forgotten when no token is older than that.
    expiresAtMs: Math.min(exp * 1000, iat * 1000 + maxAgeMs),
  };
}

type KeySource = (...asked: Parameters<JWTVerifyGetKey>) => ReturnType<JWTVerifyGetKey> | JWK | Uint8Array;

/** What the client may know: never the token, nor what a key would have been. */
function refusalFor(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof errors.JWTExpired) return new Refusal("unauthorized", "the token has expired");
  if (error instanceof errors.JWTClaimValidationFailed)
    return new Refusal("unauthorized", `the token's ${error.claim} does not fit`, { cause: error });
  const isTokensFault =
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    error.code !== "ERR_JOSE_GENERIC";
  if (isTokensFault) return new Refusal("unauthorized", "the token is not valid", { cause: error });
  return new Refusal("unavailable", "tokens can't be checked now; try again later", { cause: error });
}

function keySource(config: TokenConfig): KeySource {
  const { secret, publicKey, jwksUrl, keysCooldownMs = defaultCooldownMs } = config;
  if (jwksUrl !== undefined) return remoteKeys(new URL(jwksUrl), keysCooldownMs);
  if (publicKey !== undefined) {
    // As a JWK it fits every algorithm of its kind, and the list decides which of those count.
    const jwk = createPublicKey(publicKey).export({ format: "jwk" }) as JWK;
    return () => jwk;
  }
  const bytes = new TextEncoder().encode(secret);
  return () => bytes;
}

/** An issuer that is away must not lock out those whose keys are known. */
function remoteKeys(url: URL, keysCooldownMs: number): KeySource {
  const remote = createRemoteJWKSet(url, {
    cacheMaxAge: keysMaxAgeMs,
    cooldownDuration: keysCooldownMs,
    timeoutDuration: keysTimeoutMs,
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      const known = remote.jwks();
      if (!known || error instanceof errors.JWKSNoMatchingKey) throw error;
      return createLocalJWKSet(known)(header, token);
    }
  };
}
