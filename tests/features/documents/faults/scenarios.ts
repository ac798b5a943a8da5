import { createClient } from "redis";
import { waitFor } from "../../../../deploy/local/process.ts";
import { type Scenario, patienceMs } from "../../../faults/scenario.ts";

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
    workload.start({ messagesPerSecond: 5, actsPerSecond: 25 });
    // The lock does not say which replica holds it: at the first merges each replica dies once.
    for (const index of cluster.replicas.keys()) {
      await waitFor("a merge is under way", async () => (await merging()) === 1, patienceMs);
      await context.kill(index);
      await context.restart(index);
    }
    await Promise.all(proxies.map((proxy) => proxy.set({ kind: "pass" })));
    await context.lasts(2000);
  },
};

export const scenarios = [compaction];
