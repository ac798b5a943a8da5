import type { RuntimeName } from "../../deploy/local/replica.ts";
import { check } from "./checker.ts";
import { type Context, createContext } from "./context.ts";
import { createMeter } from "./measure.ts";
import type { Sabotage } from "./feature.ts";
import { printResult } from "./report.ts";
import type { Result } from "./result.ts";
import type { Scenario } from "./scenario.ts";

export interface RunOptions {
  scenario: Scenario;
  seed: number;
  /** Name in the table, and what each replica runs on. */
  runtime: string;
  runtimes: readonly RuntimeName[];
  ci: boolean;
  sabotage?: Sabotage | undefined;
}

const mebi = 2 ** 20;

/** Runs one scenario from start to end and prints the result; what goes wrong is a violation, never an exception. */
export async function runScenario(options: RunOptions): Promise<Result> {
  const { scenario, seed, runtime } = options;
  const startedAt = performance.now();
  const result: Result = {
    scenario: scenario.name,
    title: scenario.title,
    runtime,
    seed,
    figures: undefined,
    maxMegabytes: 0,
    cpuShare: 0,
    seconds: 0,
    violations: [],
  };
  let context: Context | undefined;
  try {
    context = await createContext(options);
    await runIn(context, options, result);
  } catch (error) {
    const { message, cause } = error as Error;
    result.violations.push(cause instanceof Error ? `${message}: ${cause.message}` : message);
  }
  result.violations.push(...(context?.violations ?? []), ...(context ? endsOf(context) : []));
  await context?.close().catch((error: unknown) => result.violations.push(`cleaning up: ${String(error)}`));
  result.seconds = (performance.now() - startedAt) / 1000;
  printResult(result);
  return result;
}

async function runIn(context: Context, options: RunOptions, result: Result): Promise<void> {
  const { scenario } = options;
  const { workload, cluster } = context;
  const running = () => context.started.filter(({ process }) => process.isRunning());
  const meter = createMeter(() => running().map(({ process }) => process.pid));
  try {
    const waitsForRedis = !scenario.cold && !scenario.single && scenario.redisAtStart !== false;
    if (waitsForRedis) await context.inMode("cluster");
    await workload.join();
    await scenario.run(context);
    await workload.settle(
      cluster.replicas.filter(({ process }) => process.isRunning()).map(({ url }) => url),
    );
    workload.history.early = await context.sum("trimaran_early_deliveries_total");
    await context.visitAfterRestart();
  } finally {
    meter.stop();
    result.maxMegabytes = meter.maxBytes() / mebi;
    result.cpuShare = meter.cpuShare();
    const { figures, violations } = check(workload.history, scenario.bounds, workload.outcomes());
    result.figures = figures;
    result.violations.push(...violations);
  }
}

/** Processes that ended and were not meant to, and what nobody caught. */
function endsOf({ started, expectedEnds }: Context): string[] {
  return started.flatMap(({ process, runtime, uncaught }) => {
    const error = uncaught();
    if (error !== undefined) return [`on ${runtime} nothing caught: ${error}`];
    if (process.isRunning() || expectedEnds.has(process)) return [];
    return [`a replica on ${runtime} ended: ${process.output().slice(-600)}`];
  });
}
