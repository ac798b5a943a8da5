import type { Context } from "../context.ts";
import { percentile } from "../figures.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { type Scenario, patienceMs } from "../scenario.ts";

/** Members of a replica that goes away: each must be served by another one within the time. */
async function served(context: Context, nodeId: string, median: number, most: number): Promise<void> {
  const { workload } = context;
  const from = performance.now();
  const moved = workload.members.filter(({ seen }) => seen.nodeId === nodeId);
  const times = await Promise.all(
    moved.map(async (member) => {
      const { name, seen } = member;
      await waitFor(`${name} is served elsewhere`, () => member.synced && seen.nodeId !== nodeId, patienceMs);
      return performance.now();
    }),
  );
  workload.history.promised.push(
    { what: "half of the clients are back", from, to: percentile(times, 0.5), maxMs: median },
    { what: "all clients are back", from, to: percentile(times, 1), maxMs: most },
  );
}

/** From 3 s on the balancer sends nobody to a replica that hangs. */
async function avoided({ cluster, pause, promised }: Context): Promise<void> {
  await pause(3000);
  for (let request = 0; request < 9; request += 1)
    await promised("a request during the hang is answered", 1000, async () => {
      const { ok } = await fetch(`${cluster.url}/livez`, { signal: AbortSignal.timeout(patienceMs) });
      return ok;
    });
}

/** Index and node id of a replica that serves somebody. */
function busyReplica({ workload, cluster, random }: Context): { index: number; nodeId: string } {
  const nodeId = random.pick(workload.members).seen.nodeId ?? "";
  const index = Number(nodeId.split("-")[0]) - 1;
  if (!cluster.replicas[index]) throw new Error(`no replica is called ${nodeId}`);
  return { index, nodeId };
}

const killed: Scenario = {
  name: "replica-killed",
  title: "A replica killed (SIGKILL), started again",
  ci: true,
  core: true,
  bounds: { nobodyTold: true },
  async run(context) {
    const { index, nodeId } = busyReplica(context);
    context.workload.start();
    await context.lasts(2000, 1000);
    context.signal(index, "SIGKILL");
    await served(context, nodeId, 3000, 6000);
    await context.lasts(2000, 1000);
    await context.restart(index);
    await context.lasts(3000, 1000);
  },
};

const pausedShortly: Scenario = {
  name: "replica-paused",
  title: "A replica hangs for 3 s (SIGSTOP), then goes on",
  ci: false,
  async run(context) {
    const { index } = busyReplica(context);
    context.workload.start();
    await context.lasts(1500);
    context.signal(index, "SIGSTOP");
    await context.lasts(3000);
    context.signal(index, "SIGCONT");
    await context.lasts(4000);
  },
};

const hangs: Scenario = {
  name: "replica-hangs",
  title: "A replica hangs (SIGSTOP) until its clients are elsewhere, then wakes",
  ci: false,
  async run(context) {
    const { index, nodeId } = busyReplica(context);
    context.workload.start();
    await context.lasts(1500);
    context.signal(index, "SIGSTOP");
    await Promise.all([served(context, nodeId, 12_000, 12_000), avoided(context)]);
    await context.lasts(2000);
    context.signal(index, "SIGCONT");
    await context.lasts(4000);
  },
};

const stopped: Scenario = {
  name: "replica-stopped",
  title: "A replica stops in good order (SIGTERM)",
  ci: true,
  bounds: { nobodyTold: true },
  async run(context) {
    const { index } = busyReplica(context);
    await stopAndStart(context, index);
  },
};

const rolling: Scenario = {
  name: "rolling-restart",
  title: "All three replicas restarted in turn, under load",
  ci: true,
  bounds: { nobodyTold: true },
  async run(context) {
    for (const index of context.cluster.replicas.keys()) await stopAndStart(context, index);
  },
};

const secondSignal: Scenario = {
  name: "replica-stopped-twice",
  title: "A second SIGTERM ends a replica at once",
  ci: false,
  async run(context) {
    const { index } = busyReplica(context);
    const process = context.cluster.replicas[index]?.process;
    context.workload.start();
    await context.lasts(1000);
    context.signal(index, "SIGTERM");
    await context.lasts(300);
    context.signal(index, "SIGTERM");
    await context.promised("a replica ends at its second signal", 1000, () => !process?.isRunning());
    await context.restart(index);
    await context.lasts(3000);
  },
};

/** Stops a replica under load, which must end well, and starts it again. */
async function stopAndStart(context: Context, index: number): Promise<void> {
  const { workload, cluster, violations } = context;
  if (!workload.isLoaded()) workload.start();
  await context.lasts(1500, 500);
  const process = cluster.replicas[index]?.process;
  context.signal(index, "SIGTERM");
  await waitFor("the replica ends", () => process?.isRunning() === false, patienceMs).catch(
    (error: Error) => {
      throw new Error(`${error.message}; its last words: ${process?.output().slice(-600)}`);
    },
  );
  const end = await process?.exited;
  if (end?.code !== 0) violations.push(`a replica told to stop ended with ${end?.signal ?? end?.code}`);
  await context.restart(index);
  await context.lasts(1500, 500);
}

export const replicas = [killed, pausedShortly, hangs, stopped, rolling, secondSignal];
