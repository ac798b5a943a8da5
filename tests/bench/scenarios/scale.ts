import { noteBusyGenerator, watchCpu } from "../cpu.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../scenario.ts";
import type { Steady } from "../servers/drive.ts";
import { type Lab, inLab } from "../lab.ts";
import type { Program } from "../../support/program.ts";

const sizes = [1, 2, 3, 6];
const membersOfRoom = 20;
const bytes = 64;
const withinMs = 30_000;

/** The same for every number of replicas. */
interface Load {
  clients: number;
  messagesPerSecond: number;
  forMs: number;
}

/** By number of replicas, to tell where another one no longer relieves those that are there. */
const shares = new Map<number, number>();

/** What a load costs that is spread over so many replicas, which send and deliver it in equal parts. */
function run(size: number, options: RunOptions): Promise<Figures> {
  const { quick, note } = options;
  const load = quick
    ? { clients: 120, messagesPerSecond: 300, forMs: 1500 }
    : { clients: 600, messagesPerSecond: 1000, forMs: 5000 };
  return inLab(options, async (lab) => {
    const { replicas, redisPid } = await startReplicas(lab, size);
    const members = await lab.program({
      runtime: "node",
      file: new URL("../load/members.ts", import.meta.url),
    });
    const rooms = load.clients / membersOfRoom;
    for (const { port } of replicas) await members.call("open", { port, count: load.clients / size, rooms });
    // Until the code is compiled, and greetings are over.
    await send({ ...load, forMs: load.forMs / 4 }, replicas, members);

    const pids: Record<string, number> = { redis: redisPid, members: members.process.pid };
    for (const [index, { program }] of replicas.entries()) pids[`replica ${index}`] = program.process.pid;
    const used = watchCpu(pids);
    await send(load, replicas, members);
    const { us, elapsedUs } = used();
    const { redis = 0, members: generator = 0, ...ofReplicas } = us;
    noteBusyGenerator("members", generator, elapsedUs, note);

    const ofAllReplicas = Object.values(ofReplicas).reduce((sum, each) => sum + each, 0);
    const figures = {
      replicaPercent: (ofAllReplicas / size / elapsedUs) * 100,
      busiestReplicaPercent: (Math.max(...Object.values(ofReplicas)) / elapsedUs) * 100,
      redisPercent: (redis / elapsedUs) * 100,
      totalPercent: ((ofAllReplicas + redis) / elapsedUs) * 100,
    };
    noteWhereItStops(size, figures.replicaPercent, note);
    return figures;
  });
}

async function startReplicas(lab: Lab, size: number) {
  const redis = await lab.redis();
  const replicas = await Promise.all(
    Array.from({ length: size }, async () => {
      const program = await lab.program({
        runtime: "node",
        file: new URL("../servers/trimaran.ts", import.meta.url),
        env: { REDIS_URL: redis.url },
      });
      return { program, port: await program.call<number>("port") };
    }),
  );
  return { replicas, redisPid: redis.process.pid };
}

/** @throws {Error} when not every member got every message. */
async function send(load: Load, replicas: { program: Program }[], members: Program): Promise<void> {
  await members.call("reset");
  const size = replicas.length;
  const part: Steady = {
    perSecond: load.messagesPerSecond / size,
    forMs: load.forMs,
    rooms: load.clients / membersOfRoom,
    bytes,
  };
  await Promise.all(replicas.map(({ program }) => program.call("steady", part)));
  const messages = Math.round((part.perSecond * part.forMs) / 1000) * size;
  await members.call("until", { count: messages * membersOfRoom, withinMs });
}

function noteWhereItStops(size: number, share: number, note: (text: string) => void): void {
  shares.set(size, share);
  const smaller = sizes[sizes.indexOf(size) - 1];
  const before = smaller === undefined ? undefined : shares.get(smaller);
  if (before === undefined || share <= before) return;
  note(
    `with ${size} replicas each uses ${share.toFixed(0)} % of a core, with ${smaller} each used ` +
      `${before.toFixed(0)} %: every replica reads all messages, whoever its members are`,
  );
}

const nameOf = (size: number) => `Trimaran, ${size === 1 ? "1 replica" : `${size} replicas`}`;

const goals = sizes.slice(1).flatMap((size, index): Goal[] => {
  const smaller = sizes[index] ?? 1;
  return [
    {
      title: `each of ${size} replicas has no more work than each of ${smaller}`,
      figure: "replicaPercent",
      of: nameOf(size),
      to: nameOf(smaller),
      atMost: 1,
    },
    {
      title: `${size} replicas and Redis take at most ${size} times what one takes for the same load`,
      figure: "totalPercent",
      of: nameOf(size),
      to: nameOf(1),
      atMost: size,
    },
  ];
});

export const scaleScenario: Scenario = {
  name: "scale",
  title: "The same load on 1, 2, 3 and 6 replicas",
  rounds: 2,
  contenders: sizes.map((size) => ({ name: nameOf(size), run: (options) => run(size, options) })),
  goals,
};
