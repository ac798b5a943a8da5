import { freePort } from "./free-port.ts";
import { type Process, start, waitWhileRunning } from "./process.ts";
import { root } from "./replica.ts";

export interface LocalCaddy {
  process: Process;
  port: number;
  url: string;
}

export interface CaddyOptions {
  /** Caddy's home, so that nothing is left in the user's. */
  dir: string;
  upstreams: string[];
  port?: number;
  /** More of the Caddyfile's variables. */
  env?: Record<string, string>;
  /** Called before it answers. */
  onSpawn?: (process: Process) => void;
}

/** A real Caddy with the repository's Caddyfile. Resolves when a replica answers through it. */
export async function startCaddy({ dir, upstreams, port, env, onSpawn }: CaddyOptions): Promise<LocalCaddy> {
  const chosen = port ?? (await freePort());
  const process = await start({
    command: "caddy",
    args: ["run", "--config", `${root}Caddyfile`, "--adapter", "caddyfile"],
    env: {
      HOME: dir,
      XDG_DATA_HOME: dir,
      XDG_CONFIG_HOME: dir,
      SITE_ADDRESS: `http://:${chosen}`,
      UPSTREAMS: upstreams.join(" "),
      ...env,
    },
  });
  onSpawn?.(process);
  const url = `http://localhost:${chosen}`;
  await waitWhileRunning(process, "a replica answers through Caddy", async () => {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  });
  return { process, port: chosen, url };
}
