import type { Caller } from "./identity.ts";

/** What the runtime knows of a request. */
export interface RequestSource {
  remoteAddress: string | undefined;
  /** Calls a listener when the answer went out, or its client is gone; undefined where the runtime does not tell. */
  onAnswered?: ((listener: () => void) => void) | undefined;
}

/** What every route can get at besides the request. */
export interface HttpEnv {
  Bindings: RequestSource;
  Variables: {
    /** Who asks; on `/api/*` alone. */
    caller: Caller;
  };
}
