import { SignJWT } from "jose";

/** What the servers under test check tokens with. */
export const authSecret = "a secret of tests alone, long enough for HS256";
export const apiKey = "a-key-of-tests-alone-that-is-long-enough";

export interface Claims {
  sub?: string;
  name?: string;
  documents?: Record<string, "read" | "write">;
  service?: boolean;
  issuer?: string;
  audience?: string;
  /** Seconds from now; both may be in the past. */
  issuedInS?: number;
  expiresInS?: number;
  secret?: string;
}

/** A token as an issuer would make it. */
export function makeToken({
  sub = "ada",
  issuedInS = -2,
  expiresInS = 600,
  secret = authSecret,
  issuer,
  audience,
  ...claims
}: Claims = {}): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(sub)
    .setIssuedAt(nowS + issuedInS)
    .setExpirationTime(nowS + expiresInS);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(new TextEncoder().encode(secret));
}

/** What somebody makes who has no key. */
export function unsignedToken(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`;
}
