import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startCaddy } from "../../../deploy/local/caddy.ts";
import { type LocalCluster, startCluster } from "../../../deploy/local/cluster.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { sharedMs } from "../clock.ts";
import { noteBusyGenerator, watchCpu } from "../cpu.ts";
import type { Crowd, CrowdState, CrowdTally } from "../load/crowd.ts";
import type { Program } from "../../support/program.ts";
import type { Figures, RunOptions, Scenario } from "../scenario.ts";
import { type Lab, inLab } from "../lab.ts";
import { talkingMain } from "../source.ts";
import { unlimited } from "../../support/unlimited.ts";

const runtimes = ["node", "node", "node"] as const;
const membersOfRoom = 20;
/** One process of clients alone would be busier than the servers. */
const crowds = 2;
const backWithinMs = 60_000;
const settleWithinMs = 30_000;

/** Many clients through Caddy, talking; then a replica is killed, and all must be back with nothing lost. */
function run(options: RunOptions): Promise<Figures> {
  const { quick, seed, note, problem } = options;
  const load = quick
    ? { clients: 200, deliveriesPerSecond: 1000, steadyMs: 1000, afterMs: 1000 }
    : { clients: 10_000, deliveriesPerSecond: 5000, steadyMs: 8000, afterMs: 4000 };
  return inLab(options, async (lab) => {
    const cluster = await startCluster({
      runtimes,
      entry: talkingMain,
      dir: lab.folder(),
      env: { ...unlimited, BENCH_SOURCE: options.source, LOG_LEVEL: "info", DRAIN_MS: "0" },
    });
    lab.onEnd(() => cluster.stop());
    const ports = await balancers(lab, cluster, load.clients, note);
    const programs = await openCrowds(lab, ports, load.clients, seed);
    const all = createAll(programs);

    await all.call("talk", { messagesPerSecond: load.deliveriesPerSecond / membersOfRoom / crowds });
    const deliveriesPerSecond = await measureSteady(all, programs, load.steadyMs, note);
    const { backMs, moved } = await killReplica(cluster, all, load.clients, problem);
    await passes(load.afterMs);
    await all.call("hush");
    const isSettled = ({ lost, unanswered }: CrowdTally) => lost === 0 && unanswered === 0;
    await waitFor("all is delivered", async () => isSettled(await all.tally()), settleWithinMs).catch(
      () => undefined,
    );

    for (const { runtime, process } of cluster.replicas.slice(1))
      if (!process.isRunning()) problem(`another replica (${runtime}) ended:\n${process.output()}`);
    const { acknowledged, lost, repeated, unanswered } = await all.tally();
    const { startedOver, resynced, ended, refused } = await all.state();
    if (lost > 0) problem(`${lost} messages did not arrive`);
    if (repeated > 0) problem(`${repeated} messages came twice`);
    if (unanswered > 0) problem(`${unanswered} messages were not acknowledged within ${settleWithinMs} ms`);
    if (ended > moved) note(`${ended - moved} connections ended that were not the killed replica's`);
    if (resynced > 0) note(`members were told ${resynced} times that something was missing`);
    if (refused > 0) note(`${refused} requests were refused, and made again`);
    return { backMs, deliveriesPerSecond, moved, startedOver, acknowledged, lost, repeated };
  });
}

/** More than one Caddy where this process may not open as many files as all connections take, two each. */
async function balancers(lab: Lab, cluster: LocalCluster, clients: number, note: RunOptions["note"]) {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const maxFiles = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  const ports = [cluster.caddy.port];
  const needed = clients * 2 + 500;
  if (needed <= maxFiles) return ports;
  note(`two Caddys: one may not open the ${needed} files it needs here`);
  const caddy = await startCaddy({
    dir: join(cluster.dir, "caddy-2"),
    upstreams: cluster.replicas.map(({ port }) => `127.0.0.1:${port}`),
  });
  lab.onEnd(() => caddy.process.stop());
  return [...ports, caddy.port];
}

async function openCrowds(lab: Lab, ports: number[], clients: number, seed: number): Promise<Program[]> {
  const programs = await Promise.all(
    Array.from({ length: crowds }, () =>
      lab.program({ runtime: "node", file: new URL("../load/crowd.ts", import.meta.url) }),
    ),
  );
  await Promise.all(
    programs.map((program, index) => {
      const port = ports[index % ports.length] ?? 0;
      const crowd: Crowd = {
        port,
        count: clients / crowds,
        membersOfRoom,
        name: `bench-${index}`,
        seed: seed + index,
      };
      return program.call("open", crowd);
    }),
  );
  return programs;
}

/** All crowds as one. */
function createAll(programs: readonly Program[]) {
  const call = <T>(command: string, argument?: unknown) =>
    Promise.all(programs.map((program) => program.call<T>(command, argument)));
  const sum = <K extends string>(parts: Record<K, number>[], key: K) =>
    parts.reduce((total, part) => total + part[key], 0);

  return {
    call,
    async state() {
      const states = await call<CrowdState>("state");
      return {
        present: sum(states, "present"),
        ended: sum(states, "ended"),
        startedOver: sum(states, "startedOver"),
        resynced: sum(states, "resynced"),
        received: sum(states, "received"),
        refused: sum(states, "refused"),
        lastBackAt: Math.max(...states.map(({ lastBackAt }) => lastBackAt)),
        on: (node: string) => states.reduce((total, { byNode }) => total + (byNode[node] ?? 0), 0),
      };
    },
    async tally(): Promise<CrowdTally> {
      const tallies = await call<CrowdTally>("tally");
      return {
        acknowledged: sum(tallies, "acknowledged"),
        lost: sum(tallies, "lost"),
        repeated: sum(tallies, "repeated"),
        unanswered: sum(tallies, "unanswered"),
      };
    },
  };
}
type All = ReturnType<typeof createAll>;

async function measureSteady(all: All, programs: Program[], forMs: number, note: RunOptions["note"]) {
  const before = await all.state();
  const used = watchCpu(
    Object.fromEntries(programs.map((program, index) => [`crowd ${index}`, program.process.pid])),
  );
  const startedAt = performance.now();
  await passes(forMs);
  const after = await all.state();
  const seconds = (performance.now() - startedAt) / 1000;
  const { us, elapsedUs } = used();
  for (const [name, spent] of Object.entries(us)) noteBusyGenerator(name, spent, elapsedUs, note);
  return (after.received - before.received) / seconds;
}

async function killReplica(
  { replicas }: LocalCluster,
  all: All,
  clients: number,
  problem: RunOptions["problem"],
) {
  const [replica] = replicas;
  const before = await all.state();
  const moved = before.on(`1-${replica?.runtime}`);
  const killedAt = sharedMs();
  replica?.process.kill("SIGKILL");
  const areBack = async () => {
    const { present, ended } = await all.state();
    return ended >= before.ended + moved && present === clients;
  };
  try {
    await waitFor("all clients are back", areBack, backWithinMs);
    return { backMs: (await all.state()).lastBackAt - killedAt, moved };
  } catch {
    const { present } = await all.state();
    problem(`${clients - present} clients were not back within ${backWithinMs} ms`);
    return { backMs: backWithinMs, moved };
  }
}

const passes = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const name = `Trimaran on ${runtimes.join(", ")}`;

export const tenThousandScenario: Scenario = {
  name: "ten-thousand",
  title:
    "10,000 clients through Caddy on three replicas, 5,000 messages delivered a second, one replica killed",
  rounds: 1,
  amounts: ["moved", "acknowledged"],
  contenders: [{ name, run }],
  goals: [
    { title: "every client is back within 10 s", figure: "backMs", of: name, atMost: 10_000 },
    { title: "no message is lost", figure: "lost", of: name, atMost: 0 },
    { title: "no message comes twice", figure: "repeated", of: name, atMost: 0 },
  ],
};
