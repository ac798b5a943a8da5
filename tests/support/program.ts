import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Process, start } from "../../deploy/local/process.ts";
import { type RuntimeName, runtimeCommand } from "../../deploy/local/replica.ts";

/** A program in a process of its own that takes commands on its standard input. */
export interface Program {
  process: Process;
  /** Sends a command and waits for its reply; rejects with the program's error, or when it ends. */
  call<T = void>(command: string, argument?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface ProgramOptions {
  runtime: RuntimeName;
  /** Its URL, which may be relative to this folder. */
  file: string | URL;
  env?: Record<string, string>;
  /** As of a process: see deploy/local/process.ts. */
  provokesUncaught?: boolean;
}

/** Where profiles of programs on Node and Bun go: to find out why, not how much. */
const profiles = process.env["BENCH_PROFILES"];
const profiling = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];

const runtimeArgs: Record<RuntimeName, string[]> = {
  node: ["--expose-gc", ...profiling],
  bun: ["--expose-gc", ...profiling],
  deno: ["run", "--allow-all", "--no-check", "--v8-flags=--expose-gc"],
};

interface Reply {
  id: number;
  result?: unknown;
  error?: string;
}

/** Starts a program that calls `serveCommands`. */
export async function startProgram({
  runtime,
  file,
  env,
  provokesUncaught = false,
}: ProgramOptions): Promise<Program> {
  const child = await start({
    command: runtimeCommand(runtime),
    args: [...runtimeArgs[runtime], fileURLToPath(new URL(file, import.meta.url))],
    input: true,
    provokesUncaught,
    ...(env && { env }),
  });
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let count = 0;
  createInterface({ input: child.child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    if (!line.startsWith('{"id":')) return;
    const { id, result, error } = JSON.parse(line) as Reply;
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result as never);
    else call?.reject(new Error(`${file} on ${runtime}: ${error}`));
  });
  void child.exited.then(() => {
    for (const { reject } of waiting.values())
      reject(new Error(`${file} on ${runtime} ended\n${child.output()}`));
  });
  return {
    process: child,
    call(command, argument) {
      if (!child.isRunning())
        return Promise.reject(new Error(`${file} on ${runtime} ended\n${child.output()}`));
      return new Promise((resolve, reject) => {
        count += 1;
        waiting.set(count, { resolve, reject });
        child.child.stdin?.write(`${JSON.stringify({ id: count, command, argument })}\n`);
      });
    },
    stop: () => child.stop(2000),
  };
}

/**
 * Processor time of a process and all its threads so far, in microseconds: what the scheduler counted, as
 * `stat` knows only hundredths of a second.
 */
export function cpuUs(pid: number): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return ns / 1000;
}

/** Resident memory of a process, in bytes. */
export function residentBytes(pid: number): number {
  return memoryField(pid, "VmRSS");
}

/** The most it ever had. */
export function peakResidentBytes(pid: number): number {
  return memoryField(pid, "VmHWM");
}

function memoryField(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
}
