import { type Probe, ask } from "./probe.ts";

/**
 * Asks Caddy itself, whatever the replicas do. Its admin API is off, but it refuses the method PROPFIND without asking
 * a replica (405, by the Caddyfile).
 */
export function createCaddyProbe(port: number): Probe {
  return {
    async read() {
      const response = await ask(`http://127.0.0.1:${port}/livez`, { method: "PROPFIND" });
      await response.arrayBuffer();
      return { version: `port ${port}` };
    },
  };
}
