/** What a request says of where it comes from, as its headers have it. */
export interface RequestSource {
  origin: string | undefined;
  host: string | undefined;
  /** `X-Forwarded-Host`: believed only of a trusted proxy. */
  forwardedHost: string | undefined;
  /** Address of who is at the other end of the connection. */
  peer: string | undefined;
}

export type OriginCheck = (request: RequestSource) => boolean;

/**
 * Builds the one rule for which pages may call this server, for HTTP, long-polling and WebSockets alike: CORS
 * keeps a foreign page from reading an answer, but not from opening a WebSocket with the visitor's cookies.
 *
 * No `Origin`: no browser, which could claim any. The page's own host and the listed origins: yes. Everything
 * else, `null` among it, no.
 *
 * @param listed origins as `https://app.example.com`, without a path.
 * @param isTrustedProxy whether a peer's `X-Forwarded-Host` is believed: such as of one that ends TLS and
 *   calls the server by another name.
 */
export function createOriginCheck(
  listed: readonly string[],
  isTrustedProxy: (peer: string | undefined) => boolean,
): OriginCheck {
  const allowed = new Set(listed);

  return ({ origin, host, forwardedHost, peer }) => {
    if (origin === undefined || allowed.has(origin)) return true;
    if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
    if (isHostOf(origin, host)) return true;
    return isTrustedProxy(peer) && isHostOf(origin, forwardedHost?.split(",").at(-1)?.trim());
  };
}

/** By the host alone: behind a proxy that ends TLS the server can't know the scheme. */
function isHostOf(origin: string, host: string | undefined): boolean {
  if (!host) return false;
  const { protocol, host: wanted } = new URL(origin);
  // As a URL, so that letter case and a written-out default port make no difference.
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === wanted;
}

/** The answer to a page that may not call, as the contract has it. */
export const foreignOrigin = {
  status: 403,
  body: JSON.stringify({
    error: { code: "forbidden", message: "pages of this origin may not call here; see CLIENT_ORIGIN" },
  }),
} as const;
