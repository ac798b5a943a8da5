import type { User } from "../auth/user.ts";

/** What a request may do: `user` is undefined when the server is open, or for a backend with a key. */
export interface Caller {
  user: User | undefined;
  /** A backend of the deployment, by key or by token. */
  isService: boolean;
}

/** What every route can get at besides the request. */
export interface HttpEnv {
  Bindings: { remoteAddress: string | undefined };
  Variables: {
    /** Who asks; on `/api/*` alone. */
    caller: Caller;
  };
}
