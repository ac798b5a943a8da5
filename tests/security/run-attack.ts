import type { Attack, Via } from "./attack.ts";
import { type Outcomes, inTime, sum } from "./fuzz.ts";
import type { Target } from "./target.ts";
import type { Bystanders } from "./watch/bystander-process.ts";
import { residentMb, waitForMemory } from "./watch/memory.ts";

export interface RunOptions {
  attack: Attack;
  target: Target;
  bystanders: Bystanders;
  via: Via;
  seed: number;
  cases: number;
  path?: string | undefined;
}

export interface Result {
  outcomes: Outcomes;
  seconds: number;
  p99Ms: number;
  maxMs: number;
  beforeMb: number;
  afterMb: number;
  /** What must not be; empty when the server held. */
  problems: string[];
}

/** Sessions that were left without a word are noticed after 10 s, and V8 gives memory back when it is idle. */
const memoryDeadlineMs = 25_000;
/**
 * The first cases of a kind fill caches and grow heaps to what the kind takes; what grows after is a leak. Heaps
 * may grow a step later than that: V8's, by 80 MB, in the second half of `weight` in some runs, and by
 * nothing in seven repetitions after that. What has grown is therefore attacked once more; a leak grows again.
 */
const warmUpShare = 0.5;

/** Attacks, and looks at what has become of the server and of those who use it. */
export async function runAttack(options: RunOptions): Promise<Result> {
  const { attack, target, bystanders, via, seed, cases, path } = options;
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

  const warmUpCases = path === undefined ? Math.ceil(cases * warmUpShare) : 0;
  if (warmUpCases > 0)
    await attempt(async () => (outcomes = await attack.run({ port, via, seed, cases: warmUpCases })));
  await attempt(async () => problems.push(...(await bystanders.startAnew()).damage));
  const beforeMb = await residentMb(target.pid).catch(() => 0);
  const attackAgain = (caseSeed: number) =>
    attempt(async () => {
      const options = { port, via, seed: caseSeed, path, cases: cases - warmUpCases };
      outcomes = sum([outcomes, await attack.run(options)]);
    });
  await attackAgain(path === undefined ? seed + 1 : seed);

  let [p99Ms, maxMs, afterMb] = [0, 0, 0];
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
    const watch = (fromMb: number) =>
      waitForMemory(target.pid, fromMb, memoryDeadlineMs, () => browse(target.replica.url));
    let memory = await watch(beforeMb);
    const levelsMb = [beforeMb, memory.afterMb];
    if (!memory.isBack) {
      await attackAgain(path === undefined ? seed + 2 : seed);
      memory = await watch(memory.afterMb);
      levelsMb.push(memory.afterMb);
      if (!memory.isBack)
        problems.push(`memory grows again and again: ${levelsMb.map((mb) => Math.round(mb)).join(", ")} MB`);
    }
    afterMb = memory.afterMb;
  }
  problems.push(...target.mistakes().map((line) => `in the log: ${line.slice(0, 2000)}`));
  const seconds = (performance.now() - startedAt) / 1000;
  return { outcomes, seconds, p99Ms, maxMs, beforeMb, afterMb, problems };
}

/** As people do who open the page. */
async function browse(url: string): Promise<void> {
  const paths = ["/metrics", "/assets/page.js", "/assets/page.css", "/assets/page.js"];
  await Promise.all(
    paths.map(async (path) => {
      // A server that is gone is told of elsewhere.
      const response = await fetch(url + path).catch(() => undefined);
      await response?.arrayBuffer();
    }),
  );
}
