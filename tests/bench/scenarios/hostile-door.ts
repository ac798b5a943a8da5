import { request, Agent } from "node:http";
import { type RuntimeName, runtimes } from "../../../deploy/local/replica.ts";
import type { Visited, Visits } from "../../door/generator.ts";
import { authSecret } from "../../support/tokens.ts";
import { noteBusyGenerator, watchCpu } from "../cpu.ts";
import { percentile } from "../figures.ts";
import { inLab } from "../lab.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../scenario.ts";

/** As of a load balancer that looks often. */
const askEveryMs = 5;
/** More than the longest answer of the same server without visits, which is the machine's. */
const boundMs = 100;
/** Of the two: a look whether it grows, as without load it is a few milliseconds. */
const boundRatio = 25;

/** How long `/livez` took while `work` went on, in milliseconds, in order. */
async function watchLivez(port: number, work: Promise<unknown>): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  const state = { isOver: false };
  const over = work.finally(() => (state.isOver = true));
  while (!state.isOver) {
    const startedAt = performance.now();
    await new Promise<void>((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path: "/livez", agent }, (response) => {
        response.resume().on("end", resolve);
      });
      asked.on("error", reject).end();
    });
    times.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  agent.destroy();
  await over;
  return times.toSorted((a, b) => a - b);
}

/** How long `/livez` takes at most: on a server that does nothing, and while clients keep to no protocol. */
function run(runtime: RuntimeName, options: RunOptions): Promise<Figures> {
  const { quick, seed, note } = options;
  const [unloadedMs, count] = quick ? [1000, 400] : [5000, 2500];
  return inLab(options, async (lab) => {
    const env = { AUTH_SECRET: authSecret, DATA_FILE: `${lab.folder()}/data.sqlite` };
    const { port, process } = await lab.replica({ runtime, env });
    const generator = await lab.program({
      runtime: "node",
      file: new URL("../../door/generator.ts", import.meta.url),
    });
    const visit = (visits: number) =>
      generator.call<Visited>("visit", { port, seed, count: visits } satisfies Visits);
    // Until the code is compiled.
    await visit(quick ? 80 : 400);
    const unloaded = await watchLivez(port, new Promise((resolve) => setTimeout(resolve, unloadedMs)));
    const used = watchCpu({ server: process.pid, generator: generator.process.pid });
    const hostile = await watchLivez(port, visit(count));
    const { us, elapsedUs } = used();
    noteBusyGenerator("visits", us.generator, elapsedUs, note);
    const [unloadedLongestMs, longestMs] = [unloaded.at(-1) ?? NaN, hostile.at(-1) ?? NaN];
    return {
      unloadedLongestMs,
      longestMs,
      longerMs: longestMs - unloadedLongestMs,
      unloadedP99Ms: percentile(unloaded, 0.99),
      p99Ms: percentile(hostile, 0.99),
      serverCpuMsPerVisit: us.server / 1000 / count,
    };
  });
}

const nameOf = (runtime: RuntimeName) => `Trimaran on ${runtime}`;

export const hostileDoorScenario: Scenario = {
  name: "hostile-door",
  title: "The longest answer of /livez: without load, and while clients keep to no protocol",
  rounds: 2,
  contenders: runtimes.map((runtime) => ({
    name: nameOf(runtime),
    run: (options) => run(runtime, options),
  })),
  goals: runtimes.flatMap((runtime): Goal[] => {
    const of = nameOf(runtime);
    return [
      { title: `on ${runtime}: at most ${boundMs} ms longer`, figure: "longerMs", of, atMost: boundMs },
      {
        title: `on ${runtime}: the longest under visits / the longest without load`,
        figure: "longestMs",
        of,
        to: of,
        toFigure: "unloadedLongestMs",
        atMost: boundRatio,
      },
    ];
  }),
};
