import { spawnSync } from "node:child_process";
import { root } from "../../deploy/local/replica.ts";

/** What Caddy makes of the repository's Caddyfile, as JSON: an exit code alone says little. */
export function adaptedCaddyfile(env: Record<string, string>): string {
  const args = ["adapt", "--config", `${root}Caddyfile`, "--adapter", "caddyfile"];
  const { stdout } = spawnSync("caddy", args, { encoding: "utf8", env: { ...process.env, ...env } });
  return JSON.stringify((JSON.parse(stdout) as { apps: unknown }).apps);
}
