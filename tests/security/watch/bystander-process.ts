import { createInterface } from "node:readline";
import { type Process, start } from "../../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../../deploy/local/replica.ts";
import { inTime } from "../../support/clients/in-time.ts";
import type { BystanderOptions, Report } from "./bystanders.ts";

export interface Bystanders {
  /** What they saw since the last report. */
  report: () => Promise<Report>;
  /** Forgets it, without waiting for enough to tell of. */
  startAnew: () => Promise<Report>;
  stop: () => Promise<void>;
}

const reportDeadlineMs = 120_000;

/** Two clients that use the server, in a process of their own. Resolves when both are members of a room. */
export async function startBystanders(url: string, options?: BystanderOptions): Promise<Bystanders> {
  const process: Process = await start({
    command: runtimeCommand("node"),
    args: ["tests/security/watch/bystanders.ts", url, ...(options ? [JSON.stringify(options)] : [])],
    cwd: root,
    input: true,
  });
  const { stdin, stdout } = process.child;
  if (!stdin || !stdout) throw new Error("the bystanders have no standard streams");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async (what: string) => {
    const { value, done } = await inTime(what, lines.next(), reportDeadlineMs);
    if (done) throw new Error(`the bystanders ended instead of: ${what}\n${process.output()}`);
    return value;
  };
  async function ask(question: string): Promise<Report> {
    stdin?.write(`${question}\n`);
    return JSON.parse(await next("the bystanders' report")) as Report;
  }
  await next("the bystanders are members");
  return {
    report: () => ask("report"),
    startAnew: () => ask("anew"),
    stop: () => process.stop(1000),
  };
}
