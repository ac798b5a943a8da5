import { existsSync, readdirSync, readFileSync } from "node:fs";
import { waitFor } from "../../../deploy/local/process.ts";
import { addressesUsed } from "../../support/clients/attacker.ts";
import { importOfFeatures } from "../../support/of-features.ts";
import { isReadSince } from "../../support/server.ts";
import { rawRequest } from "../../support/clients/raw-http.ts";

/* What the server holds for its clients, by its own counters and the system's. */

/** What the tests of a feature add to what is looked at, in their file `security/held.ts`: names of gauges. */
export interface FeatureHeld {
  /** Are as before when the clients are gone. */
  forClients: readonly string[];
  /** Stay small. */
  bytes: readonly string[];
}
const ofFeatures = await importOfFeatures<FeatureHeld>("security/held.ts");

/** What is gone when the clients are gone. */
export const forClients: readonly string[] = [
  "trimaran_connections",
  "trimaran_transport_connections",
  "trimaran_joined_documents",
  ...ofFeatures.flatMap((each) => each.forClients),
];
/** What stays small. */
const bytes = ["trimaran_waiting_bytes", ...ofFeatures.flatMap((each) => each.bytes)];
/** What is kept for a while, once a client or address. */
const forAWhile = ["trimaran_sessions", "trimaran_limit_records"] as const;
const maxBytes = 1 << 20;
/** Limits that count each address: requests, connects, events, bytes. */
const limitsPerAddress = 4;
/** Sessions that are left without a word are noticed after 10 s; nothing else takes long. */
const deadlineMs = 90_000;

export interface Held {
  /** By the name of the metric, and `open files`. */
  counts: Record<string, number>;
  /** Addresses that attackers had used by then. */
  addresses: number;
}

/** Counts what the server holds. */
export async function countHeld(pid: number, port: number): Promise<Held> {
  const asked = Date.now();
  const text = await waitFor("figures of now", async () => {
    const { body } = await rawRequest(port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const current = Buffer.from(body).toString();
    return isReadSince(current, asked) && current;
  });
  const counts: Record<string, number> = {};
  for (const [, name = "", value] of text.matchAll(/^(trimaran_\w+){[^}]*} (\S+)$/gm))
    counts[name] = Number(value);
  // Only Linux tells how many files a process has open.
  if (existsSync(`/proc/${pid}/fd`)) counts["open files"] = readdirSync(`/proc/${pid}/fd`).length;
  return { counts, addresses: addressesUsed() };
}

/**
 * Waits until the server holds nothing more than before the attacks.
 * @param throughBalancer the balancer keeps connections to the server open: files are not counted then.
 * @throws {Error} naming what is still held.
 */
export async function waitUntilLetGo(
  pid: number,
  port: number,
  before: Held,
  throughBalancer: boolean,
): Promise<void> {
  const names = [...forClients, ...(throughBalancer ? [] : ["open files"])];
  let problems: string[] = [];
  await waitFor(
    "the server lets go of what it held for attackers",
    async () => {
      const { counts, addresses } = await countHeld(pid, port);
      const used = addresses - before.addresses;
      const growth = (name: string) => (counts[name] ?? Number.NaN) - (before.counts[name] ?? 0);
      problems = names
        .filter((name) => name in before.counts && !(growth(name) <= 0))
        .map((name) => `${name}: ${counts[name]}, before ${before.counts[name]}`);
      for (const name of forAWhile)
        if (!(growth(name) <= used * limitsPerAddress))
          problems.push(`${name}: ${growth(name)} more, of ${used} addresses`);
      for (const name of bytes)
        if (!((counts[name] ?? Number.NaN) <= maxBytes)) problems.push(`${name}: ${counts[name]}`);
      return problems.length === 0;
    },
    deadlineMs,
  ).catch((error: unknown) => {
    throw problems.length === 0 ? error : new Error(`still held: ${problems.join("; ")}`);
  });
}

/** The resident memory of a process in MB, to be shown, not judged. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return 0;
  }
}
