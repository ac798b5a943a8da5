import type { Attack, Via } from "./attack.ts";
import { inTime } from "../support/clients/in-time.ts";
import { type Outcomes } from "./fuzz.ts";
import type { Target } from "./target.ts";
import type { Bystanders } from "./watch/bystander-process.ts";
import { type Held, residentMb, waitUntilLetGo } from "./watch/held.ts";

export interface RunOptions {
  attack: Attack;
  target: Target;
  bystanders: Bystanders;
  /** What the server held before the first attack. */
  before: Held;
  via: Via;
  seed: number;
  cases: number;
  path?: string | undefined;
}

export interface Result {
  outcomes: Outcomes;
  seconds: number;
  /** Times and memory are told, not judged: they are the machine's as well. */
  p99Ms: number;
  maxMs: number;
  beforeMb: number;
  afterMb: number;
  /** What must not be; empty when the server held. */
  problems: string[];
}

/** Attacks, and looks at what has become of the server and of those who use it. */
export async function runAttack(options: RunOptions): Promise<Result> {
  const { attack, target, bystanders, before, via, seed, cases, path } = options;
  const port = via === "caddy" ? target.caddy.port : target.replica.port;
  const problems: string[] = [];
  let outcomes: Outcomes = new Map();
  const startedAt = performance.now();
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      problems.push((error as Error).message);
    }
  };

  await attempt(async () => problems.push(...(await bystanders.startAnew()).damage));
  const beforeMb = residentMb(target.pid);
  await attempt(async () => (outcomes = await attack.run({ port, via, seed, path, cases })));

  let [p99Ms, maxMs] = [0, 0];
  if (!target.replica.process.isRunning())
    problems.push(`the server is gone:\n${target.replica.process.output()}`);
  else {
    await attempt(async () => {
      const response = await inTime("/livez", fetch(`${target.replica.url}/livez`));
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`/livez says ${response.status}`);
    });
    await attempt(async () => {
      const report = await bystanders.report();
      ({ p99Ms, maxMs } = report);
      problems.push(...report.damage);
    });
    await attempt(() => waitUntilLetGo(target.pid, target.replica.port, before, via === "caddy"));
  }
  const afterMb = residentMb(target.pid);
  problems.push(...target.mistakes().map((line) => `in the log: ${line.slice(0, 2000)}`));
  const seconds = (performance.now() - startedAt) / 1000;
  return { outcomes, seconds, p99Ms, maxMs, beforeMb, afterMb, problems };
}
