import { setTimeout as passes } from "node:timers/promises";
import { waitFor } from "../../../deploy/local/process.ts";
import { type RuntimeName, runtimes } from "../../../deploy/local/replica.ts";
import { modeOf } from "../../support/operate.ts";
import { watchCpu } from "../cpu.ts";
import { inLab } from "../lab.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../scenario.ts";

/** Of a core. */
const boundPercent = 2;

/** What a replica without clients uses of a core: with Redis, while Redis hangs, and while Redis is down. */
function run(runtime: RuntimeName, options: RunOptions): Promise<Figures> {
  const [settleMs, measuredMs] = options.quick ? [500, 1000] : [2000, 8000];
  return inLab(options, async (lab) => {
    const redis = await lab.redis();
    const env = { REDIS_URL: redis.url, DATA_FILE: `${lab.folder()}/data.sqlite` };
    const replica = await lab.replica({ runtime, env });
    const percentIn = async (mode: string): Promise<number> => {
      await waitFor(
        `the replica is in ${mode} mode`,
        async () => (await modeOf(replica.url)) === mode,
        30_000,
      );
      // What the change of mode, or the start, still has to do.
      await passes(settleMs);
      const used = watchCpu({ replica: replica.process.pid });
      await passes(measuredMs);
      const { us, elapsedUs } = used();
      return (us.replica / elapsedUs) * 100;
    };
    const upPercent = await percentIn("cluster");
    redis.process.kill("SIGSTOP");
    const hangingPercent = await percentIn("degraded");
    redis.process.kill("SIGKILL");
    await redis.process.exited;
    return { upPercent, hangingPercent, downPercent: await percentIn("degraded") };
  });
}

const nameOf = (runtime: RuntimeName) => `Trimaran on ${runtime}`;

export const degradedIdleScenario: Scenario = {
  name: "degraded-idle",
  title: "An idle replica: with Redis, while Redis hangs, and while Redis is down",
  rounds: 1,
  contenders: runtimes.map((runtime) => ({
    name: nameOf(runtime),
    run: (options) => run(runtime, options),
  })),
  goals: runtimes.flatMap((runtime) =>
    ["hanging", "down"].map((state): Goal => ({
      title: `on ${runtime}, Redis ${state}: at most ${boundPercent} % of a core`,
      figure: `${state}Percent`,
      of: nameOf(runtime),
      atMost: boundPercent,
    })),
  ),
};
