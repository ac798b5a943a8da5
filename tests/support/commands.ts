import { createInterface } from "node:readline";

export type Commands = Record<string, (argument: never) => unknown>;

/** The other side of `startProgram`, alike on all runtimes: a line a command, a line a reply. */
export function serveCommands(commands: Commands): void {
  const all: Commands = { collect, ...commands };
  const input = createInterface({ input: process.stdin });
  // The process that started this program was killed and could not stop it.
  input.on("close", () => process.exit(1));
  input.on("line", (line) => {
    const { id, command, argument } = JSON.parse(line) as { id: number; command: string; argument: never };
    Promise.resolve()
      .then(() => {
        const run = all[command];
        if (!run) throw new Error(`no such command: ${command}`);
        return run(argument);
      })
      .then(
        (result) => process.stdout.write(`${JSON.stringify({ id, result })}\n`),
        (error: Error) =>
          process.stdout.write(`${JSON.stringify({ id, error: error.stack ?? String(error) })}\n`),
      );
  });
}

/** Collects garbage, as far as the runtime lets itself be told. */
async function collect(): Promise<void> {
  const gc = (globalThis as { gc?: () => void }).gc;
  for (let round = 0; round < 3; round += 1) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
