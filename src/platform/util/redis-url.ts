/** Where Redis is: one node; or who knows which node it is at the moment. */
export type RedisAddress =
  | { kind: "node"; url: string }
  | {
      kind: "sentinel" | "cluster";
      /** Of the sentinels, or of some nodes of the cluster. */
      seeds: string[];
      /** The scheme and credentials of the node that is found: `redis://user:password@`. */
      prefix: string;
      /** After the node's address: `/db` with Sentinel. */
      suffix: string;
      /** What Sentinel calls the nodes it watches. */
      master: string;
    };

const form = /^(redis|valkey)(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/]*)@)?([^/@]+)(?:\/(.*))?$/;
const host = /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;

export const redisUrlForms =
  "redis://[user:password@]host[:port][/db], redis+sentinel://…@host,host,host/master[/db] or " +
  "redis+cluster://…@host,host,host; rediss for TLS, valkey for redis alike";

/** @returns undefined for what is of none of these forms. */
export function parseRedisUrl(text: string): RedisAddress | undefined {
  const [, , secure = "", kind, credentials, hosts = "", path = ""] = form.exec(text) ?? [];
  const all = hosts.split(",");
  if (hosts === "" || !all.every((each) => host.test(each))) return undefined;
  // Of Valkey's own scheme the client knows nothing; the protocol is the same.
  const prefix = `redis${secure}://${credentials === undefined ? "" : `${credentials}@`}`;
  if (kind === undefined) {
    const url = `${prefix}${hosts}${path && `/${path}`}`;
    return all.length === 1 && URL.canParse(url) && /^\d*$/.test(path) ? { kind: "node", url } : undefined;
  }
  const port = kind === "sentinel" ? 26_379 : 6379;
  const seeds = all.map((each) => (/:\d+$/.test(each) ? each : `${each}:${port}`));
  const [master = "", db, ...more] = path.split("/");
  if (more.length > 0 || !/^\d*$/.test(db ?? "")) return undefined;
  if (kind === "cluster") return path === "" ? { kind, seeds, prefix, suffix: "", master: "" } : undefined;
  return master === ""
    ? undefined
    : { kind: "sentinel", seeds, prefix, suffix: db === undefined ? "" : `/${db}`, master };
}

export interface RedisParts {
  host?: string | undefined;
  port?: number | undefined;
  username?: string | undefined;
  password?: string | undefined;
  tls: boolean;
}

/** The address that the parts make, with the report's defaults. */
export function redisUrlOf({ host = "localhost", port = 6379, username, password, tls }: RedisParts): string {
  const url = new URL(`${tls ? "rediss" : "redis"}://${bracketed(host)}:${port}`);
  // The URL object does the percent-encoding that special characters need.
  if (username) url.username = encodeURIComponent(username);
  if (password) url.password = encodeURIComponent(password);
  return url.href;
}

/** In a cluster all keys of a deployment have one hash tag, and so are on one node. */
export function taggedPrefix(prefix: string): string {
  return /{[^}]+}/.test(prefix) ? prefix : `{${prefix.replace(/:$/, "") || "trimaran"}}:`;
}

/** A host as it stands in a URL: an IPv6 address has brackets there. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
