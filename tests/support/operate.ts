import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Process } from "../../deploy/local/process.ts";
import { freshMetrics } from "./server.ts";

/* What an operator would do by hand. */

/** One command through redis-cli. @returns what it printed. */
export async function redisCli(port: number, command: string[]): Promise<string> {
  const child = spawn("redis-cli", ["-p", String(port), ...command]);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  await once(child, "close");
  return output.trim();
}

/** The mode that a replica says it is in. */
export async function modeOf(url: string | undefined): Promise<string> {
  const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) });
  return ((await response.json()) as { mode: string }).mode;
}

/** One figure of a replica's metrics; NaN if it has none of that name. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await freshMetrics(url, 30_000);
  return Number(new RegExp(`^${name}\\b.* (\\d+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

/** A metric's sum over all its labels; 0 if nothing was counted yet. */
export async function total(url: string, name: string): Promise<number> {
  const lines = (await freshMetrics(url, 30_000)).matchAll(new RegExp(`^${name}\\{.* (\\d+)$`, "gm"));
  return lines.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Kills a process that may be ending by itself just now. */
export function end(process: Process): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // Gone already.
  }
}
