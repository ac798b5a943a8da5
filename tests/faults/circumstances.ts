import { spawnSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { runtimeCommand } from "../../deploy/local/replica.ts";

/** The machine, for people who compare figures. */
export function hardware(): string {
  const cores = cpus();
  return `${cores.length} cores (${cores[0]?.model ?? "unknown"}), ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
}

/** Versions of everything that took part. */
export function versions(): Record<string, string> {
  const ask = (command: string, ...args: string[]) =>
    /\d+\.\d+\.\d+/.exec(spawnSync(command, args, { encoding: "utf8" }).stdout ?? "")?.[0] ?? "unknown";
  return {
    Node: ask(runtimeCommand("node"), "--version"),
    Bun: ask(runtimeCommand("bun"), "--version"),
    Deno: ask(runtimeCommand("deno"), "--version"),
    Redis: ask("redis-server", "--version"),
    Caddy: ask("caddy", "version"),
  };
}
