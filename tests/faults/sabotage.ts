import { fileURLToPath } from "node:url";
import type { Sabotage } from "./feature.ts";
import { featureWorkloads } from "./features.ts";
import { talkSpeech } from "./speech.ts";

const push = talkSpeech.said;

export const sabotages: readonly Sabotage[] = [
  { name: "drop", bug: "drop", push, finds: "message lost" },
  { name: "double", bug: "double", push, finds: "message delivered more than once" },
  { name: "late", bug: "late", push, finds: "local deliveries in the fault, p99" },
  ...featureWorkloads.flatMap((workload) => workload.sabotages),
];

const brokenServer = fileURLToPath(new URL("broken-server.mjs", import.meta.url));

/** Variables that put this bug into a replica on Node: into Socket.IO's own way of sending, which it takes then. */
export function sabotageEnv({ bug, push }: Sabotage): Record<string, string> {
  return {
    NODE_OPTIONS: `--import=${brokenServer}`,
    SABOTAGE: bug,
    SABOTAGE_PUSH: push,
    FAST_PATHS: "off",
  };
}
