import { setTimeout as delay } from "node:timers/promises";
import { startCaddy } from "../../deploy/local/caddy.ts";
import { type LocalCluster, startCluster } from "../../deploy/local/cluster.ts";
import { type Process, waitFor } from "../../deploy/local/process.ts";
import type { Replica, RuntimeName } from "../../deploy/local/replica.ts";
import { freshDocument } from "./documents.ts";
import type { FinalDocument } from "./history.ts";
import { cpuSeconds } from "./measure.ts";
import { end, metric, modeOf, redisCli } from "./operate.ts";
import { type Proxy, createProxy } from "./proxy.ts";
import { createRandom } from "./random.ts";
import { type Sabotage, sabotageEnv } from "./sabotage.ts";
import type { Scenario } from "./scenario.ts";
import { type Workload, createWorkload } from "./workload.ts";
import { unlimited } from "../support/unlimited.ts";

export interface ContextOptions {
  scenario: Scenario;
  seed: number;
  runtimes: readonly RuntimeName[];
  ci: boolean;
  sabotage?: Sabotage | undefined;
}

/** What a scenario works with: the parts, ways to break them, and the load on them. */
export type Context = Awaited<ReturnType<typeof createContext>>;

/** Starts everything a scenario needs. */
export async function createContext({ scenario, seed, runtimes, ci, sabotage }: ContextOptions) {
  const random = createRandom(seed);
  const violations: string[] = [];
  const proxies: Proxy[] = [];
  const cleanups: (() => unknown)[] = [];
  const replicas: Replica[] = [];
  const expectedEnds = new Set<Process>();
  const chosen = scenario.replicas === 1 ? runtimes.slice(0, 1) : runtimes;
  if (scenario.proxied) for (const _ of chosen) proxies.push(await createProxy());

  const cluster: LocalCluster = await startCluster({
    runtimes: chosen,
    env: { ...unlimited, ...scenario.env, ...(sabotage && sabotageEnv(sabotage)) },
    ...(scenario.redisAtStart === false && { redis: false }),
    redisUrl(index, port) {
      if (scenario.single) return "";
      const proxy = proxies[index];
      if (proxy) proxy.target = port;
      return proxy?.url ?? `redis://127.0.0.1:${port}`;
    },
  });
  replicas.push(...cluster.replicas);
  const workload: Workload = createWorkload({
    random,
    members: scenario.members ?? 6,
    url: (index) =>
      (scenario.pinned ? cluster.replicas[index % cluster.replicas.length]?.url : undefined) ?? cluster.url,
  });

  const context = {
    cluster,
    proxies,
    workload,
    random,
    ci,
    violations,
    /** All replicas ever started, whether running or not. */
    started: replicas,
    expectedEnds,
    fail: (text: string) => void violations.push(text),
    onEnd: (cleanup: () => unknown) => void cleanups.push(cleanup),

    /** So long a fault lasts: shorter in continuous integration. */
    async lasts(fullMs: number, ciMs = fullMs): Promise<void> {
      await delay(ci ? ciMs : fullMs);
    },

    pause: (ms: number) => delay(ms),

    /** What happens in `work` is held against the scenario's bounds for waiting. */
    async during<T>(name: string, work: () => Promise<T>): Promise<T> {
      const window = { name, from: performance.now(), to: Infinity };
      workload.history.windows.push(window);
      return work().finally(() => (window.to = performance.now()));
    },

    /** Signals a replica; one that this ends is expected to end. */
    signal(index: number, signal: NodeJS.Signals): void {
      const replica = cluster.replicas[index];
      if (!replica) throw new Error(`there is no replica ${index}`);
      if (signal === "SIGKILL" || signal === "SIGTERM") expectedEnds.add(replica.process);
      replica.process.kill(signal);
    },
    async kill(index: number): Promise<void> {
      context.signal(index, "SIGKILL");
      await cluster.replicas[index]?.process.exited;
    },
    async restart(index: number): Promise<void> {
      replicas.push(await cluster.restartReplica(index));
    },
    async restartCaddy(): Promise<void> {
      await cluster.caddy.process.stop();
      const caddy = await startCaddy({
        dir: `${cluster.dir}/caddy`,
        upstreams: cluster.replicas.map(({ port }) => `127.0.0.1:${port}`),
        port: cluster.caddy.port,
      });
      cleanups.push(() => caddy.process.stop());
    },

    async killRedis(): Promise<void> {
      cluster.redis?.process.kill("SIGKILL");
      await cluster.redis?.process.exited;
    },
    /** One command through redis-cli, the way an operator would. */
    redis: (...command: string[]) => redisCli(cluster.redisPort, command),

    async inMode(mode: string, timeoutMs: number, indexes = cluster.replicas.map((_, index) => index)) {
      for (const index of indexes) {
        await waitFor(
          `replica ${index + 1} is in ${mode} mode`,
          async () => (await modeOf(cluster.replicas[index]?.url)) === mode,
          timeoutMs,
        );
      }
    },

    /** What was typed until now must be everywhere within the time. */
    async togetherWithin(ms: number): Promise<void> {
      const took = await workload.msUntilTogether(ms * 5).catch(() => Infinity);
      if (took > ms) violations.push(`edits were everywhere after ${took.toFixed(0)} ms, bound ${ms} ms`);
    },

    /** Without any load no replica may use more of a core than this. */
    async idleWithin(share: number, forMs = 4000): Promise<void> {
      const running = cluster.replicas.filter(({ process }) => process.isRunning());
      const before = running.map(({ process }) => cpuSeconds(process.pid));
      await delay(forMs);
      for (const [index, { process, runtime }] of running.entries()) {
        const [from, to] = [before[index], cpuSeconds(process.pid)];
        if (from === undefined || to === undefined) continue;
        const used = (to - from) / (forMs / 1000);
        if (used > share)
          violations.push(
            `idle on ${runtime}: ${(used * 100).toFixed(1)} % of a core, bound ${share * 100} %`,
          );
      }
    },

    /** By the replicas that run now. */
    async earlyDeliveries(): Promise<number> {
      const running = cluster.replicas.filter(({ process }) => process.isRunning());
      const counts = running.map(({ url }) => metric(url, "trimaran_early_deliveries_total"));
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },

    /** What is left when nobody has anything in memory any more: all clients gone, all replicas killed. */
    async documentAfterRestart(): Promise<FinalDocument> {
      workload.close();
      const indexes = [...cluster.replicas.keys()];
      await Promise.all(indexes.map((index) => context.kill(index)));
      await context.restart(0);
      if (!scenario.single) await context.inMode("cluster", 5000, [0]);
      const document = await freshDocument(cluster.replicas[0]?.url ?? "", workload.documentId);
      return { ...document, where: "a replica that was started when all were dead" };
    },

    /** Stops everything, by pid, whatever state it is in. */
    async close(): Promise<void> {
      workload.close();
      for (const { process } of replicas) end(process);
      await Promise.all(replicas.map(({ process }) => process.exited));
      for (const cleanup of cleanups) await cleanup();
      if (cluster.redis) {
        end(cluster.redis.process);
        await cluster.redis.process.exited;
      }
      await cluster.stop();
      for (const proxy of proxies) await proxy.close();
    },
  };
  return context;
}
