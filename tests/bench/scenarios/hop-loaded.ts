import { noteBusyGenerator, watchCpu } from "../cpu.ts";
import { type Pair, type PairOptions, nameOf, peersOf, startPair } from "../pair.ts";
import type { Contender, Figures, Goal, RunOptions, Scenario } from "../scenario.ts";
import type { Flooded } from "../servers/stream-commands.ts";
import { inLab } from "../lab.ts";

/**
 * Messages under way at once. Each contender is measured with all, and has the best of its rates; the lowest
 * tells whether more under way than it can take makes it collapse.
 */
const windows = [100, 500, 2500, 5000];
const quickWindows = [100, 2500];
const bytes = 64;
const withinMs = 30_000;

interface Flow extends Figures {
  messagesPerSecond: number;
  senderUs: number;
  receiverUs: number;
  redisUs: number;
  /** Of all three: what a machine of any size has to spend. */
  serversUs: number;
}

/** As many messages as get across, one server to a room whose only member is at the other. */
function run(options: PairOptions, runOptions: RunOptions): Promise<Figures> {
  const { quick } = runOptions;
  return inLab(runOptions, async (lab) => {
    const pair = await startPair(lab, options);
    // Until the code is compiled.
    await flood(pair, 100, quick ? 200 : 700, { ...runOptions, note: () => {} });
    const flows: Flow[] = [];
    for (const window of quick ? quickWindows : windows)
      flows.push(await flood(pair, window, quick ? 300 : 1000, runOptions));
    const [best, ...others] = flows.toSorted((a, b) => b.messagesPerSecond - a.messagesPerSecond);
    return { ...best, lowestPerSecond: others.at(-1)?.messagesPerSecond ?? NaN };
  });
}

async function flood(
  pair: Pair,
  window: number,
  forMs: number,
  { note, problem }: Pick<RunOptions, "note" | "problem">,
): Promise<Flow> {
  const { sender, listener, pids } = pair;
  await listener.call("reset");
  const progressPort = await listener.call<number>("progressPort");
  const used = watchCpu(pids);
  const { sent, startedAt } = await sender.call<Flooded>("flood", { forMs, bytes, window, progressPort });
  const at = await listener.call<number | undefined>("until", { count: sent, withinMs });
  const { us, elapsedUs } = used();
  const received = await listener.call<number>("received");
  if (received !== sent)
    problem(`${window} under way: ${received} of ${sent} messages came within ${withinMs} ms`);
  noteBusyGenerator(`${window} under way: the member`, us.listener, elapsedUs, note);
  return {
    messagesPerSecond: at === undefined ? (received / forMs) * 1000 : (sent / (at - startedAt)) * 1000,
    senderUs: us.sender / sent,
    receiverUs: us.receiver / sent,
    redisUs: us.redis / sent,
    serversUs: (us.sender + us.receiver + us.redis) / sent,
  };
}

const contender = (pair: PairOptions): Contender => ({
  name: nameOf(pair),
  peers: peersOf(pair),
  run: (options) => run(pair, options),
});

const figure = "messagesPerSecond";
const ours = (runtime: PairOptions["runtime"]) => nameOf({ server: "Trimaran", runtime });
const stock = (runtime: PairOptions["runtime"]) => nameOf({ server: "streams adapter", runtime });

const goals: Goal[] = [
  ...(["node", "bun"] as const).map((runtime) => ({
    title: `on ${runtime}, three times the stock streams adapter`,
    figure,
    of: ours(runtime),
    to: stock(runtime),
    atLeast: 3,
  })),
  {
    title: "ahead of the stock pub/sub adapter",
    figure,
    of: ours("node"),
    to: nameOf({ server: "pub/sub adapter", runtime: "node" }),
    atLeast: 1,
  },
  ...(["node", "bun", "deno"] as const).map((runtime) => ({
    title: `on ${runtime}, 100,000 messages a second`,
    figure,
    of: ours(runtime),
    atLeast: 100_000,
  })),
];

export const hopLoadedScenario: Scenario = {
  name: "hop-loaded",
  title: "From replica to replica, loaded: as many messages as are kept up with",
  rounds: 2,
  contenders: [
    contender({ server: "Trimaran", runtime: "node" }),
    contender({ server: "Trimaran", runtime: "bun" }),
    contender({ server: "Trimaran", runtime: "deno" }),
    contender({ server: "streams adapter", runtime: "node" }),
    contender({ server: "streams adapter", runtime: "bun" }),
    contender({ server: "pub/sub adapter", runtime: "node" }),
    contender({ server: "Redis client alone", runtime: "node" }),
  ],
  goals,
};
