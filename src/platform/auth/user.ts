import type { Action } from "../contract/define.ts";

export type { Action };

/** Who is at the other end, as a token that was checked says. Without authentication there are no users. */
export interface User {
  /** The token's `sub`. */
  id: string;
  /** The token's `name`: what others see. Without one the client chooses it. */
  name?: string | undefined;
  /** The token's `documents`: ids, or patterns with `*`, and what is allowed there. */
  documents: Record<string, Action>;
  /** A backend of the deployment, which may do everything; the token's `service`. */
  isService: boolean;
  /** Milliseconds since 1970, from the token's `iat`. */
  issuedAtMs: number;
  /** From its `exp`, or when it is too old (AUTH_MAX_AGE_S), whichever comes first. */
  expiresAtMs: number;
}
