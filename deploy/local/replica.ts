import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Process, start, waitWhileRunning } from "./process.ts";

export const runtimes = ["node", "bun", "deno"] as const;
export type RuntimeName = (typeof runtimes)[number];

export const root = fileURLToPath(new URL("../..", import.meta.url));

const runtimeArgs: Record<RuntimeName, string[]> = {
  node: [],
  bun: [],
  deno: ["run", "--allow-net", "--allow-env", "--allow-sys", "--allow-read", "--allow-write", "--allow-run"],
};

/** The pinned runtime of this project's dependencies, or whatever has that name on the PATH. */
export function runtimeCommand(runtime: RuntimeName): string {
  const pinned = `${root}node_modules/.bin/${runtime}`;
  return existsSync(pinned) ? pinned : runtime;
}

export interface Replica {
  process: Process;
  runtime: RuntimeName;
  port: number;
  url: string;
}

export interface ReplicaOptions {
  runtime: RuntimeName;
  /** The server's variables. `PORT` may be left out: the system chooses one. */
  env: Record<string, string>;
  /** Called before it listens, for whoever must be able to end it even then. */
  onSpawn?: (process: Process) => void;
  /** The program, if it is not this tree's server, and the folder to run it in. */
  entry?: string | undefined;
  cwd?: string;
}

/** Only ends a hang: a busy machine takes many times the usual second. */
const startTimeoutMs = 60_000;

/** Starts the server as it ships on a runtime, and waits until it listens; nothing is left of one that does not. */
export async function startReplica({
  runtime,
  env,
  onSpawn,
  entry = `${root}src/main.ts`,
  cwd = root,
}: ReplicaOptions): Promise<Replica> {
  const process = await start({
    command: runtimeCommand(runtime),
    args: [...runtimeArgs[runtime], entry],
    env: { HOST: "127.0.0.1", PORT: "0", LOG_FORMAT: "json", ...env },
    cwd,
  });
  onSpawn?.(process);
  const port = await waitWhileRunning(
    process,
    `${runtime} listens`,
    () => listeningPort(process.output()),
    startTimeoutMs,
  ).catch(async (error: unknown) => {
    await process.stop(0);
    throw error;
  });
  return { process, runtime, port, url: `http://127.0.0.1:${port}` };
}

function listeningPort(output: string): number | undefined {
  const line = /^\{.*"port":(\d+).*Trimaran listens/m.exec(output);
  return line ? Number(line[1]) : undefined;
}
