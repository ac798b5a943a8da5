import { makeToken } from "../support/tokens.ts";
import type { VisitorOptions } from "./visit.ts";

const expiresInS = 3600;

/** Tokens of hostile users, each signed once, and one that another secret signed. */
export async function hostileTokens(): Promise<Pick<VisitorOptions, "tokenOf" | "badToken">> {
  const tokens = new Map<number, Promise<string>>();
  return {
    badToken: await makeToken({
      sub: "stranger",
      secret: "not the secret of this server, but as long as it",
    }),
    tokenOf(user) {
      let token = tokens.get(user);
      if (!token)
        tokens.set(
          user,
          (token = makeToken({ sub: `hostile-${user}`, documents: { "*": "write" }, expiresInS })),
        );
      return token;
    },
  };
}

/** Of Ada and Grace, who work meanwhile. */
export const bystanderTokens = async (): Promise<[string, string]> => [
  await makeToken({ sub: "ada", name: "Ada", documents: { "*": "write" }, expiresInS }),
  await makeToken({ sub: "grace", name: "Grace", documents: { "*": "write" }, expiresInS }),
];
