import { type RuntimeName, runtimes } from "../../../deploy/local/replica.ts";
import { unlimited } from "../../support/unlimited.ts";
import { inLab } from "../lab.ts";
import type { Work, Worked } from "../load/workload.ts";
import { peakResidentBytes } from "../../support/program.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../scenario.ts";

const members = 6;
const megabyte = 2 ** 20;
/** Quick runs, of 2 s under this load, took 1.0 to 1.2 times what the start had taken. */
const boundRatio = 1.5;

/** The most memory that a replica had after its start, and under the load of the fault suite. */
function run(runtime: RuntimeName, options: RunOptions): Promise<Figures> {
  const { quick, seed, problem } = options;
  return inLab(options, async (lab) => {
    const redis = await lab.redis();
    const env = { ...unlimited, REDIS_URL: redis.url, DATA_FILE: `${lab.folder()}/data.sqlite` };
    const { url, process } = await lab.replica({ runtime, env, talks: true });
    const startMegabytes = peakResidentBytes(process.pid) / megabyte;
    const generator = await lab.program({
      runtime: "node",
      file: new URL("../load/workload.ts", import.meta.url),
    });
    const work: Work = { url, members, forMs: quick ? 2000 : 15_000, seed };
    const { messages, lost, doubled } = await generator.call<Worked>("work", work);
    if (messages === 0) problem("no message was sent");
    if (lost > 0) problem(`${lost} messages did not arrive`);
    if (doubled > 0) problem(`${doubled} messages came twice`);
    const loadedMegabytes = peakResidentBytes(process.pid) / megabyte;
    return { startMegabytes, loadedMegabytes };
  });
}

const nameOf = (runtime: RuntimeName) => `Trimaran on ${runtime}`;

export const memoryScenario: Scenario = {
  name: "memory",
  title: "Memory: the peak of a replica after its start, and with 6 members at work",
  rounds: 1,
  contenders: runtimes.map((runtime) => ({
    name: nameOf(runtime),
    run: (options) => run(runtime, options),
  })),
  goals: runtimes.map((runtime): Goal => ({
    title: `on ${runtime}: the load's peak / the start's`,
    figure: "loadedMegabytes",
    of: nameOf(runtime),
    to: nameOf(runtime),
    toFigure: "startMegabytes",
    atMost: boundRatio,
  })),
};
