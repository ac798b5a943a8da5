/** What every route can get at besides the request. */
export interface HttpEnv {
  Bindings: { remoteAddress: string | undefined };
}
