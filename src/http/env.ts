import type { Caller } from "./identity.ts";

/** What every route can get at besides the request. */
export interface HttpEnv {
  Bindings: { remoteAddress: string | undefined };
  Variables: {
    /** Who asks; on `/api/*` alone. */
    caller: Caller;
  };
}
