import { fileURLToPath } from "node:url";

/**
 * A message not delivered by one replica, or twice; from some time on, edits not passed on to its members, or all
 * messages delivered 3 s late.
 */
export const sabotages = ["drop", "double", "lose-edit", "late"] as const;
export type Sabotage = (typeof sabotages)[number];

const brokenServer = fileURLToPath(new URL("broken-server.mjs", import.meta.url));

/** Variables that put this bug into a replica on Node: into Socket.IO's own way of sending, which it takes then. */
export function sabotageEnv(kind: Sabotage): Record<string, string> {
  return { NODE_OPTIONS: `--import=${brokenServer}`, SABOTAGE: kind, FAST_PATHS: "off" };
}
