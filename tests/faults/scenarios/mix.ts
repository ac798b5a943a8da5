import { waitFor } from "../../../deploy/local/process.ts";
import type { Context } from "../context.ts";
import { type Scenario, patienceMs } from "../scenario.ts";

type Fault = (context: Context) => Promise<void>;

const replicaOf = ({ random, cluster }: Context) => random.index(cluster.replicas.length);
const shortly = (context: Context, max = 3000) => context.pause(context.random.between(300, max));

/** One fault at a time, each ending with everything in order again: what it leaves behind is the next one's start. */
const faults: Record<string, Fault> = {
  async "Redis killed"(context) {
    await context.killRedis();
    await shortly(context);
    await context.cluster.startRedis();
  },
  async "Redis hangs"(context) {
    context.cluster.redis?.process.kill("SIGSTOP");
    await shortly(context);
    context.cluster.redis?.process.kill("SIGCONT");
  },
  async "one way half-open"(context) {
    const proxy = context.random.pick(context.proxies);
    await proxy.set({ kind: "half-open" });
    await shortly(context, 5000);
    await proxy.set({ kind: "pass" });
  },
  async "one way refused"(context) {
    const proxy = context.random.pick(context.proxies);
    await proxy.set({ kind: "refuse" });
    await shortly(context);
    await proxy.set({ kind: "pass" });
  },
  async "one way slow"(context) {
    const proxy = context.random.pick(context.proxies);
    await proxy.set({ kind: "delay", ms: context.random.between(10, 150) });
    await shortly(context);
    await proxy.set({ kind: "pass" });
  },
  async "replica killed"(context) {
    const index = replicaOf(context);
    await context.kill(index);
    await shortly(context);
    await context.restart(index);
  },
  async "replica pauses"(context) {
    const index = replicaOf(context);
    context.signal(index, "SIGSTOP");
    await shortly(context);
    context.signal(index, "SIGCONT");
  },
  async "replica stops"(context) {
    const index = replicaOf(context);
    const process = context.cluster.replicas[index]?.process;
    context.signal(index, "SIGTERM");
    await waitFor("the replica ends", () => process?.isRunning() === false, patienceMs);
    await context.restart(index);
  },
  async "clients reconnect"(context) {
    for (const member of context.workload.members)
      if (context.random.between(0, 1) < 0.5) member.breakConnection();
  },
};

const mix: Scenario = {
  name: "random-mix",
  title: "Faults of all kinds at random for 60 s",
  ci: false,
  proxied: true,
  async run(context) {
    const { random, workload } = context;
    workload.start();
    const endsAt = performance.now() + (context.ci ? 15_000 : 60_000);
    const done: string[] = [];
    while (performance.now() < endsAt) {
      const name = random.pick(Object.keys(faults));
      done.push(name);
      await faults[name]?.(context);
      await context.everyoneIsBack();
      await context.inMode("cluster");
      await shortly(context, 1000);
    }
    console.log(`    ${done.join(", ")}`);
  },
};

export const mixes = [mix];
