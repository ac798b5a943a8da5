import { spawn } from "node:child_process";
import { createUsage, readOptions } from "../../deploy/local/cli.ts";
import { type Process, start } from "../../deploy/local/process.ts";
import { runtimeCommand } from "../../deploy/local/replica.ts";

/* A busy machine, to see what a test does on one: `node tests/support/busy.ts --loops 4 -- npm test`. */

const help = `Runs a command beside processes that do nothing but use the CPU, and exits with the command's code.

  node tests/support/busy.ts [options] -- COMMAND [ARGUMENTS]

  --loops NUMBER     busy processes; default: 4
  --minutes NUMBER   a busy process ends after this time, whatever happens; default: 60
  --help             this text`;

/**
 * Ends by itself after a time, and when the process that started it is gone, even by SIGKILL: its parent is then
 * another one.
 */
const loop = (forMs: number) => `
  const parent = ${process.pid};
  const endsAt = Date.now() + ${forMs};
  while (Date.now() < endsAt && process.ppid === parent) for (let step = 0; step < 1e6; step += 1);
`;

/** Starts processes that use all the CPU they get, for `forMs` at most. @returns what stops them, each by its pid. */
export async function startBusyLoops(count: number, forMs: number): Promise<() => Promise<void>> {
  const started: Process[] = [];
  for (let index = 0; index < count; index += 1)
    started.push(await start({ command: runtimeCommand("node"), args: ["--eval", loop(forMs)] }));
  return async () => void (await Promise.all(started.map((each) => each.stop(1000))));
}

async function main(): Promise<void> {
  const usage = createUsage(help);
  const [own, [command, ...args]] = split(process.argv.slice(2));
  const options = readOptions(
    help,
    { loops: { type: "string", default: "4" }, minutes: { type: "string", default: "60" } },
    own,
  );
  const [loops, minutes] = [Number(options.loops), Number(options.minutes)];
  if (!Number.isSafeInteger(loops) || loops < 1) usage(`--loops ${options.loops}: expected a number from 1`);
  if (!(minutes > 0)) usage(`--minutes ${options.minutes}: expected a number above 0`);
  if (command === undefined) return usage("there is no command after --");
  const stop = await startBusyLoops(loops, minutes * 60_000);
  const child = spawn(command, args, { stdio: "inherit" });
  // Ctrl-C reaches the command by itself, as it is of the terminal's group; its end is waited for.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const code = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      console.error(`can't run "${command}": ${error.message}`);
      resolve(127);
    });
    child.once("exit", (exitCode, signal) => resolve(exitCode ?? (signal === "SIGINT" ? 130 : 1)));
  });
  await stop();
  process.exit(code);
}

/** What stands before `--`, and after it. */
function split(args: string[]): [own: string[], command: string[]] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return [args.slice(0, end), args.slice(end + 1)];
}

if (import.meta.main) await main();
