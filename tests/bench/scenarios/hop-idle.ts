import { noteBusyGenerator, watchCpu } from "../cpu.ts";
import { percentile } from "../figures.ts";
import { type PairOptions, nameOf, peersOf, startPair } from "../pair.ts";
import type { Contender, Figures, Goal, RunOptions, Scenario } from "../scenario.ts";
import { inLab } from "../lab.ts";

const runtimes = ["node", "bun", "deno"] as const;
const everyMs = 5;
const withinMs = 30_000;

/** From the call that sends to a room on one server, to a member of it at the other. */
function run(pair: PairOptions, options: RunOptions): Promise<Figures> {
  const { quick, note } = options;
  return inLab(options, async (lab) => {
    const { sender, listener, pids } = await startPair(lab, pair);
    async function send(messages: number, pauseMs: number): Promise<number[]> {
      await listener.call("reset");
      await sender.call("stamped", { messages, everyMs: pauseMs });
      const at = await listener.call<number | undefined>("until", { count: messages, withinMs });
      if (at === undefined) throw new Error(`not all of ${messages} messages came within ${withinMs} ms`);
      return listener.call<number[]>("latenciesMs");
    }

    // Until the code is compiled.
    await send(quick ? 50 : 300, 1);
    const used = watchCpu(pids);
    const sorted = (await send(quick ? 100 : 700, everyMs)).toSorted((a, b) => a - b);
    const { us, elapsedUs } = used();
    noteBusyGenerator("the member", us.listener, elapsedUs, note);
    return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
  });
}

const contender = (pair: PairOptions): Contender => ({
  name: nameOf(pair),
  peers: peersOf(pair),
  run: (options) => run(pair, options),
});

const goals = runtimes.flatMap((runtime): Goal[] => {
  const of = nameOf({ server: "Trimaran", runtime });
  return [
    {
      title: `on ${runtime}, at most 1.5 times what the same Redis client alone takes`,
      figure: "p50Ms",
      of,
      to: nameOf({ server: "Redis client alone", runtime }),
      atMost: 1.5,
    },
    { title: `on ${runtime}, less than 1 ms`, figure: "p50Ms", of, atMost: 1 },
  ];
});

export const hopIdleScenario: Scenario = {
  name: "hop-idle",
  title: "From replica to replica, idle: one message every 5 ms",
  rounds: 2,
  contenders: [
    ...runtimes.map((runtime) => contender({ server: "Trimaran", runtime })),
    contender({ server: "streams adapter", runtime: "node" }),
    contender({ server: "streams adapter", runtime: "bun" }),
    contender({ server: "pub/sub adapter", runtime: "node" }),
    ...runtimes.map((runtime) => contender({ server: "Redis client alone", runtime })),
  ],
  goals,
};
