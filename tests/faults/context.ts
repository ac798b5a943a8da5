import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type LocalCluster, startCluster } from "../../deploy/local/cluster.ts";
import { type Process, waitFor } from "../../deploy/local/process.ts";
import { type RuntimeName, root } from "../../deploy/local/replica.ts";
import { end, modeOf, redisCli, total } from "../support/operate.ts";
import { startProbe } from "./probe.ts";
import { type Proxy, createProxy } from "./proxy.ts";
import { createRandom } from "../support/random.ts";
import type { Sabotage } from "./feature.ts";
import { sabotageEnv } from "./sabotage.ts";
import { type Scenario, patienceMs } from "./scenario.ts";
import { type Watched, watch } from "./watched.ts";
import { type Workload, createWorkload } from "./workload.ts";

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
  const replicas: Watched[] = [];
  const expectedEnds = new Set<Process>();
  const chosen = scenario.replicas === 1 ? runtimes.slice(0, 1) : runtimes;
  if (scenario.proxied) for (const _ of chosen) proxies.push(await createProxy());

  const cluster: LocalCluster = await startCluster({
    runtimes: chosen,
    entry: join(root, "tests/support/main.ts"),
    env: { ...scenario.env, ...(sabotage && sabotageEnv(sabotage)) },
    ...(scenario.redisAtStart === false && { redis: false }),
    redisUrl(index, port) {
      if (scenario.single) return "";
      const proxy = proxies[index];
      if (proxy) proxy.target = port;
      return proxy?.url ?? `redis://127.0.0.1:${port}`;
    },
  });
  replicas.push(...cluster.replicas.map(watch));
  const workload: Workload = createWorkload({
    random,
    members: scenario.members ?? 6,
    url: (index) =>
      (scenario.pinned ? cluster.replicas[index % cluster.replicas.length]?.url : undefined) ?? cluster.url,
  });
  const { history } = workload;
  cleanups.push(await startProbe(history.rounds));

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
      history.windows.push(window);
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
      replicas.push(watch(await cluster.restartReplica(index)));
    },
    async restartCaddy(): Promise<void> {
      await cluster.caddy.process.stop();
      await cluster.restartCaddy();
    },

    async killRedis(): Promise<void> {
      cluster.redis?.process.kill("SIGKILL");
      await cluster.redis?.process.exited;
    },
    /** One command through redis-cli, the way an operator would. */
    redis: (...command: string[]) => redisCli(cluster.redisPort, command),

    /** Must happen within the time, net of the machine's pauses; a wait beyond that only ends a hang. */
    async promised(what: string, maxMs: number, condition: Parameters<typeof waitFor>[1]): Promise<void> {
      const wait = { what, from: performance.now(), to: Infinity, maxMs };
      history.promised.push(wait);
      await waitFor(what, condition, maxMs + patienceMs);
      wait.to = performance.now();
    },

    /** Waits until replicas are in a mode; `maxMs` if that is promised within a time. */
    async inMode(
      mode: "cluster" | "degraded",
      maxMs = patienceMs,
      indexes = [...cluster.replicas.keys()],
    ): Promise<void> {
      await Promise.all(
        indexes.map((index) =>
          context.promised(
            `replica ${index + 1} is in ${mode} mode`,
            maxMs,
            async () => (await modeOf(cluster.replicas[index]?.url)) === mode,
          ),
        ),
      );
    },

    /** Waits until the members are in sync: how long that takes is promised for some faults only. */
    everyoneIsBack: (): Promise<unknown> =>
      waitFor("all members are in sync", () => workload.members.every(({ synced }) => synced), patienceMs),

    /** What members sent and did until now must be everywhere within the time. */
    async togetherWithin(ms: number): Promise<void> {
      await Promise.all(
        workload
          .hasAll()
          .map(([what, condition]) => context.promised(`${what} are everywhere`, ms, condition)),
      );
    },

    /** Connections to Redis that replicas attempt in a time; Redis is down, and what listens in its place closes them. */
    async connectsTo(port: number, forMs: number): Promise<number> {
      let count = 0;
      const server = createServer((socket) => {
        count += 1;
        socket.destroy();
      }).listen(port, "127.0.0.1");
      await once(server, "listening");
      await delay(forMs);
      server.close();
      await once(server, "close");
      return count;
    },

    /** A metric's sum over its labels and the replicas that run now. */
    async sum(name: string): Promise<number> {
      const running = cluster.replicas.filter(({ process }) => process.isRunning());
      const counts = await Promise.all(running.map(({ url }) => total(url, name)));
      return counts.reduce((sum, count) => sum + count, 0);
    },

    /** Has features look at what is left when no process has anything in memory: all clients left, all replicas were killed. */
    async visitAfterRestart(): Promise<void> {
      workload.close();
      const indexes = [...cluster.replicas.keys()];
      await Promise.all(indexes.map((index) => context.kill(index)));
      await context.restart(0);
      if (!scenario.single) await context.inMode("cluster", patienceMs, [0]);
      await workload.visit(cluster.replicas[0]?.url ?? "", "a replica that was started when all were dead");
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
