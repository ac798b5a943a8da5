import { styleText } from "node:util";
import type { StepResult } from "./run-step.ts";

const everyMs = 1000;
/** Without a terminal a line now and then tells that the tests still run. */
const quietMs = 30_000;

/** Tells what runs: a line for each step that ended and, on a terminal, one below that changes. */
export function createProgress(total: number) {
  const startedAt = performance.now();
  const running = new Map<string, number>();
  const isTerminal = process.stdout.isTTY;
  let ended = 0;
  let lastAt = startedAt;

  const secondsSince = (at: number) => Math.round((performance.now() - at) / 1000);
  const status = () => {
    const names = [...running].map(([name, at]) => `${name} ${secondsSince(at)} s`);
    return `${ended} of ${total} steps, ${secondsSince(startedAt)} s: ${names.join(", ")}`;
  };
  const clear = () => void (isTerminal && process.stdout.write("\r\x1b[K"));
  const print = (line: string) => {
    clear();
    console.log(line);
    lastAt = performance.now();
  };
  const timer = setInterval(() => {
    if (running.size === 0) return;
    if (isTerminal)
      process.stdout.write(`\r\x1b[K${styleText("dim", status().slice(0, process.stdout.columns - 1))}`);
    else if (performance.now() - lastAt > quietMs) print(status());
  }, everyMs);

  return {
    begin(name: string): void {
      running.set(name, performance.now());
    },
    end({ name, passed, failed, skipped, seconds }: StepResult): void {
      running.delete(name);
      ended += 1;
      const mark = failed + skipped > 0 ? styleText("red", "✖") : styleText("green", "✔");
      const counts = `${passed} passed, ${failed} failed`;
      print(`${mark} ${name.padEnd(22)} ${counts.padEnd(22)} ${styleText("dim", `${seconds.toFixed(1)} s`)}`);
    },
    stop(): void {
      clearInterval(timer);
      clear();
    },
    summary: () => `${ended} steps in ${(secondsSince(startedAt) / 60).toFixed(1)} minutes`,
  };
}
