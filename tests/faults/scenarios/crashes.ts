import { createClient } from "redis";
import { waitFor } from "../../../deploy/local/process.ts";
import type { Context } from "../context.ts";
import { type Scenario, patienceMs, togetherMs } from "../scenario.ts";

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

const compaction: Scenario = {
  name: "crash-in-compaction",
  title: "A replica killed while it merges a document's log",
  ci: true,
  // A slow way makes the merge last long enough to be hit.
  proxied: true,
  pinned: true,
  async run(context) {
    const { cluster, workload, proxies } = context;
    const redis = createClient({ url: `redis://127.0.0.1:${cluster.redisPort}` });
    redis.on("error", () => undefined);
    await redis.connect();
    context.onEnd(() => redis.destroy());
    const lock = `trimaran:doc:{${workload.documentId}}:lock`;
    const merging = () => redis.exists(lock);
    await Promise.all(proxies.map((proxy) => proxy.set({ kind: "delay", ms: 20 })));
    workload.start({ messagesPerSecond: 5, wordsPerSecond: 25 });
    // Who holds the lock is not written on it: at the first merges each replica dies once.
    for (const index of cluster.replicas.keys()) {
      await waitFor("a merge is under way", async () => (await merging()) === 1, patienceMs);
      await context.kill(index);
      await context.restart(index);
    }
    await Promise.all(proxies.map((proxy) => proxy.set({ kind: "pass" })));
    await context.lasts(2000);
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

export const crashes = [all, single, everything, compaction, journal, caddy];
