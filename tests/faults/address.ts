import { Agent } from "node:http";
import type { ConnectOptions } from "../../src/client/index.ts";

let given = 0;

/**
 * Options of a client that has an address of its own, as clients have: limits count by address. Any of 127.0.0.0/8
 * is this machine on Linux; elsewhere clients share one, and the scenarios with few clients stay within its limits.
 * Caddy tells replicas of it, and a replica sees it itself.
 */
export function ownAddress(): Pick<ConnectOptions, "agent"> {
  if (process.platform !== "linux") return {};
  given += 1;
  const localAddress = `127.1.${(given >> 8) & 255}.${given & 255}`;
  // `family`, as "localhost" may be ::1 first. Engine.IO's types know only what browsers take for an agent.
  const agent: unknown = new Agent({ localAddress, family: 4 });
  return { agent: agent as string };
}
