import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

export interface ProcessOptions {
  command: string;
  args: string[];
  /** Beside this process's own; undefined takes one away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Whether something will be written to its standard input. */
  input?: boolean;
  /** Whether a test makes it have errors that nothing catches: these then fail no step of the test command. */
  provokesUncaught?: boolean;
}

/** A child process that is only ever stopped by its own pid. */
export interface Process {
  pid: number;
  child: ChildProcess;
  /** Standard output and error so far, the newest 64 KiB. */
  output: () => string;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** It has exited, and all of its output was read. */
  closed: Promise<void>;
  isRunning: () => boolean;
  kill: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL if it takes longer than `graceMs`. */
  stop: (graceMs?: number) => Promise<void>;
}

const keptOutput = 64 * 1024;
const keptStack = 4096;

/** Whoever ends without having stopped what it started must not leave it behind. */
const unstopped = new Set<() => void>();
process.on("exit", () => {
  for (const end of unstopped) end();
});
// A signal that nothing handles ends a process without "exit", and would leave behind what a test started.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code);
  });

/**
 * What Node, Bun and Deno print last when an error ended a process because nothing caught it, and what the server
 * logs (src/shared/uncaught.ts) in either format.
 */
const uncaughtMark =
  /^(?:Node\.js v\d+\.\d+\.\d+|Bun v\d+\.\d+\.\d+ \(.*\)|error: Uncaught .*|\{.*"msg":"an error that nothing caught"\}|\[.*\] ERROR: an error that nothing caught)$/m;

/** For tests: where this variable names a file, errors that nothing caught are added to it, with their stacks. */
function watchForUncaught(command: string): ((text: string) => void) | undefined {
  const file = process.env["UNCAUGHT_ERRORS_FILE"];
  if (file === undefined) return undefined;
  let recent = "";
  let isStackPending = false;
  return (text) => {
    const plain = stripVTControlCharacters(text);
    // Deno prints the stack after the mark, possibly in a part of its own.
    if (isStackPending) appendFileSync(file, `${plain.slice(0, keptStack)}\n`);
    isStackPending = false;
    recent = (recent + plain).slice(-keptOutput);
    const found = uncaughtMark.exec(recent);
    if (!found) return;
    const report = recent.slice(Math.max(0, found.index - keptStack), found.index + keptStack);
    appendFileSync(file, `${command}\n${report}\n`);
    isStackPending = true;
    recent = "";
  };
}

/** Starts a process; rejects if there is no such command. */
export async function start(options: ProcessOptions): Promise<Process> {
  const { command, args, env, cwd, input, provokesUncaught = false } = options;
  const child = spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...env },
    stdio: [input ? "pipe" : "ignore", "pipe", "pipe"],
    // Ctrl-C goes to the launcher alone, which then stops everything in order.
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    const watch = provokesUncaught ? undefined : watchForUncaught([command, ...args].join(" "));
    stream?.on("data", (text: string) => {
      output = (output + text).slice(-keptOutput);
      watch?.(text);
    });
  }
  let running = true;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => {
      running = false;
      unstopped.delete(end);
      resolve({ code, signal });
    });
  });
  const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  const isRunning = () => running;
  // By pid, not `child.kill`: on Deno 2.9 that counts any signal as the end of the child.
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (running) process.kill(pid, signal);
    } catch (error) {
      // Gone already; its exit is about to be told.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const end = () => kill("SIGKILL");
  unstopped.add(end);
  return {
    pid,
    child,
    output: () => output,
    exited,
    closed,
    isRunning,
    kill,
    async stop(graceMs = 10_000) {
      // A stopped process would not hear a SIGTERM.
      kill("SIGCONT");
      kill("SIGTERM");
      const timer = setTimeout(() => kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * Waits until `condition` gives something, asking every few milliseconds.
 * @throws {Error} naming `what` after `timeoutMs`, with the last error as its cause.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  timeoutMs = 30_000,
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false && value !== null) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > endsAt) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    await delay(10);
  }
}

/** Like `waitFor`, but gives up at once when the process ends; an error has the process's output. */
export async function waitWhileRunning<T>(
  process: Process,
  what: string,
  condition: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  timeoutMs = 60_000,
): Promise<T> {
  const ended = process.exited.then(({ code, signal }) => {
    throw new Error(`the process ended (${signal ?? `exit ${code}`}) instead of: ${what}`);
  });
  // The process goes on after this wait; its end is then somebody else's business.
  ended.catch(() => undefined);
  try {
    return await Promise.race([ended, waitFor(what, condition, timeoutMs)]);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${process.output()}`, { cause: error });
  }
}
