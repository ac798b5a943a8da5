import type { Scenario } from "../scenario.ts";

const trimmed: Scenario = {
  name: "stream-trimmed",
  title: "The stream trimmed past a paused replica: its clients must be told",
  ci: true,
  pinned: true,
  async run(context) {
    const { cluster, random, workload } = context;
    const victim = random.index(cluster.replicas.length);
    workload.start();
    await context.lasts(1500, 1000);
    context.signal(victim, "SIGSTOP");
    await context.lasts(2500, 2000);
    await context.redis("XTRIM", "trimaran:events", "MAXLEN", "5");
    context.signal(victim, "SIGCONT");
    await context.lasts(3000, 1500);
  },
};

export const stream = [trimmed];
