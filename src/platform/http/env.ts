import type { User } from "../auth/user.ts";

/** What a request may do: `user` is undefined when the server is open, or for a backend with a key. */
export interface Caller {
  user: User | undefined;
  /** A backend of the deployment, by key or by token. */
  isService: boolean;
}

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
