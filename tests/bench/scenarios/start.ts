import { type RuntimeName, runtimes } from "../../../deploy/local/replica.ts";
import { percentile } from "../figures.ts";
import { type Lab, inLab } from "../lab.ts";
import type { Contender, Goal, RunOptions, Scenario } from "../scenario.ts";
import { type SocketServer, servers } from "../socket-servers.ts";

/** Deno's own start is slower. */
const boundMs: Record<RuntimeName, number> = { node: 1000, bun: 1000, deno: 2500 };

const stock: Record<RuntimeName, SocketServer> = {
  node: servers.stockNode,
  bun: servers.stockBun,
  deno: servers.stockDeno,
};
const nameOf = (runtime: RuntimeName) => `Trimaran on ${runtime}`;

/** The median time from the start of the process until it listens, one process after the other. */
function timed(name: string, start: (lab: Lab) => Promise<unknown>): Contender {
  async function once(options: RunOptions): Promise<number> {
    return inLab(options, async (lab) => {
      const startedAt = performance.now();
      await start(lab);
      return performance.now() - startedAt;
    });
  }
  return {
    name,
    async run(options) {
      const timesMs: number[] = [];
      for (let count = 0; count < (options.quick ? 1 : 5); count += 1) timesMs.push(await once(options));
      const sorted = timesMs.toSorted((a, b) => a - b);
      return { listeningMs: percentile(sorted, 0.5) };
    },
  };
}

export const startScenario: Scenario = {
  name: "start",
  title: "Start: from the start of a process until it listens",
  rounds: 2,
  contenders: runtimes.flatMap((runtime) => [
    timed(nameOf(runtime), (lab) =>
      lab.replica({ runtime, env: { DATA_FILE: `${lab.folder()}/data.sqlite` } }),
    ),
    timed(stock[runtime].name, async (lab) => (await lab.program(stock[runtime])).call("port")),
  ]),
  goals: runtimes.map((runtime): Goal => ({
    title: `on ${runtime}: within ${boundMs[runtime] / 1000} s`,
    figure: "listeningMs",
    of: nameOf(runtime),
    atMost: boundMs[runtime],
  })),
};
