import type { Context } from "../context.ts";
import { type Scenario, togetherMs } from "../scenario.ts";

/** Every replica is killed at the same moment under load, and started again. */
async function allAtOnce(context: Context): Promise<void> {
  const { cluster, workload } = context;
  const indexes = [...cluster.replicas.keys()];
  workload.start();
  await context.lasts(2500, 1500);
  await Promise.all(indexes.map((index) => context.kill(index)));
  await Promise.all(indexes.map((index) => context.restart(index)));
  await context.everyoneIsBack();
  await context.lasts(2000, 1000);
}

const all: Scenario = {
  name: "all-killed",
  title: "All replicas killed at once and started again",
  ci: false,
  run: allAtOnce,
};

const single: Scenario = {
  name: "single-killed",
  title: "A replica that runs alone, without Redis, killed and started again",
  ci: true,
  single: true,
  replicas: 1,
  run: allAtOnce,
};

const everything: Scenario = {
  name: "everything-killed",
  title: "All replicas and Redis killed at once and started again",
  ci: false,
  async run(context) {
    const indexes = [...context.cluster.replicas.keys()];
    context.workload.start();
    await context.lasts(2500);
    await Promise.all([context.killRedis(), ...indexes.map((index) => context.kill(index))]);
    await context.cluster.startRedis();
    await Promise.all(indexes.map((index) => context.restart(index)));
    await context.togetherWithin(15_000);
    await context.lasts(1500);
  },
};

const journal: Scenario = {
  name: "crash-with-journal",
  title: "A replica killed while Redis is away, started again before Redis is back",
  ci: true,
  pinned: true,
  async run(context) {
    const { cluster, random, workload } = context;
    const victim = random.index(cluster.replicas.length);
    workload.start({ messagesPerSecond: 5 });
    await context.lasts(1500, 1000);
    await context.killRedis();
    await context.inMode("degraded", 2000);
    await context.lasts(2500, 1500);
    await context.kill(victim);
    await context.restart(victim);
    await context.everyoneIsBack();
    await context.lasts(2000, 1000);
    await cluster.startRedis();
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1000, 500);
  },
};

const caddy: Scenario = {
  name: "caddy-restarted",
  title: "Caddy restarted",
  ci: false,
  bounds: { nobodyTold: true },
  async run(context) {
    const { workload } = context;
    workload.start();
    await context.lasts(1500);
    await context.restartCaddy();
    await context.everyoneIsBack();
    await context.lasts(2500);
  },
};

export const crashes = [all, single, everything, journal, caddy];
