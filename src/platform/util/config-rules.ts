export type Environment = Record<string, string | undefined>;

/** Variables that together make the address of Redis. */
export const redisParts = [
  "REDIS_HOST",
  "REDIS_PORT",
  "REDIS_USERNAME",
  "REDIS_PASSWORD",
  "REDIS_TLS",
] as const;

/** What is wrong together, each being right alone; the texts name variables and never repeat their values. */
export function contradictions(set: Environment): string[] {
  const problems: string[] = [];
  const parts = redisParts.filter((key) => set[key]);
  if (set["REDIS_URL"] && parts.length > 0)
    problems.push(`REDIS_URL and ${parts.join(", ")} are both set: keep REDIS_URL or the parts, not both`);
  const url = set["REDIS_URL"];
  if (set["REDIS_CA_FILE"] && set["REDIS_TLS"] !== "on" && !/^(?:rediss|valkeys)[:+]/.test(url ?? ""))
    problems.push("REDIS_CA_FILE is set without TLS: use rediss:// in REDIS_URL, or REDIS_TLS=on");
  if (!url && set["REDIS_USERNAME"] && !set["REDIS_PASSWORD"])
    problems.push("REDIS_USERNAME is set without REDIS_PASSWORD: set both, or neither");
  if ((set["ADMIN_UI_USER"] === undefined) !== (set["ADMIN_UI_PASSWORD_HASH"] === undefined))
    problems.push("ADMIN_UI_USER and ADMIN_UI_PASSWORD_HASH: set both, or neither");
  const sources = ["AUTH", "AUTH_SECRET", "AUTH_PUBLIC_KEY", "AUTH_JWKS_URL"].filter((key) => set[key]);
  if (sources.length > 1) problems.push(`${sources.join(" and ")} are both set: keep one of them`);
  if (sources.length === 0 && set["NODE_ENV"] === "production") {
    problems.push(
      "NODE_ENV=production without authentication: set AUTH_SECRET (openssl rand -base64 32), AUTH_PUBLIC_KEY or " +
        "AUTH_JWKS_URL; or AUTH=off to let everybody read and write everything",
    );
  }
  return problems;
}
