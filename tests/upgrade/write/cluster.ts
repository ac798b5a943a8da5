import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Replica, runtimes, startReplica } from "../../../deploy/local/replica.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { startRedis } from "../../../deploy/local/redis.ts";
import { modeOf } from "../../support/operate.ts";
import { apiKey, authSecret } from "../../support/tokens.ts";
import type { Expected } from "../expected.ts";
import { type Member, type Session, entry } from "../member.ts";
import { type Writing, createFixtureWriters, merged } from "./of-features.ts";
import { revoke } from "./revoke.ts";
import { openWriter } from "./single.ts";

type Message = Expected["cluster"]["heard"][number];

const room = "room";

/**
 * Writes Redis' append-only file and the data files of three replicas, one on each runtime, into a folder: as they
 * are when Redis is killed while members write, and the replicas a little later.
 */
export async function writeCluster(folder: string): Promise<Expected["cluster"]> {
  const features = await createFixtureWriters();
  const redisFolder = join(folder, "redis");
  mkdirSync(redisFolder, { recursive: true });
  const redis = await startRedis({ dir: redisFolder });
  const replicas = await Promise.all(
    runtimes.map((runtime, index) =>
      startReplica({
        runtime,
        entry,
        env: {
          NODE_ID: `replica-${index + 1}`,
          REDIS_URL: redis.url,
          DATA_FILE: join(folder, `replica-${index + 1}.sqlite`),
          AUTH_SECRET: authSecret,
          API_KEYS: apiKey,
          DRAIN_MS: "0",
          ...(merged(features.map(({ clusterEnv }) => clusterEnv)) as Record<string, string>),
        },
      }),
    ),
  );
  const url = (index: number) => replicas[index]?.url ?? "";
  const modes = async (mode: string) =>
    waitFor(`all are in ${mode} mode`, async () =>
      (await Promise.all(replicas.map((replica) => modeOf(replica.url)))).every((each) => each === mode),
    );
  await modes("cluster");

  const writing: Writing = { url, redisPort: redis.port };
  for (const { whileUp } of features) await whileUp(writing);

  const [one, two] = [await openWriter(url(0), room, "one"), await openWriter(url(1), room, "two")];
  const { heard, sessions } = await leaveSessions(url(2), one);
  const missed: [Message[], Message[], ...Message[][]] = [[], []];
  const say = async (by: 0 | 1, said: string) => {
    const message = { id: `id-of-${said}`, text: said };
    missed[by].push(message);
    await (by === 0 ? one : two).say(message.text, message.id);
  };
  for (const index of [1, 2, 3]) {
    await say(0, `one, up, ${index}`);
    await say(1, `two, up, ${index}`);
  }
  const revocations: Expected["cluster"]["revocations"] = [{ userId: "gone", action: "read" }];
  for (const revocation of revocations) await revoke(url(0), revocation);

  // Redis dies under what is on its way; each of these is acknowledged in the end.
  const onTheirWay: Promise<void>[] = [];
  for (let index = 0; index < 20; index += 1) {
    onTheirWay.push(say(0, `one, on its way, ${index}`));
    for (const { whileDying } of features) whileDying(index);
    if (index === 10) redis.process.kill("SIGKILL");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(onTheirWay);
  await modes("degraded");

  for (const { whileDown } of features) await whileDown(writing);
  for (const index of [1, 2, 3]) {
    await say(0, `one, down, ${index}`);
    await say(1, `two, down, ${index}`);
  }
  // Sent again to another replica, as by a client that saw no acknowledgement: in two outboxes, to be delivered once.
  const twice = { id: "id-of-twice", text: "sent to two replicas" };
  for (const sender of [one, two]) await sender.say(twice.text, twice.id);
  missed.push([twice]);
  const local: Expected["cluster"]["revocations"][number] = { userId: "gone-while-down", action: "read" };
  if ((await revoke(url(1), local)) !== "local") throw new Error("Redis is not down");
  revocations.push(local);

  const ofFeatures = [];
  for (const { finish } of features) ofFeatures.push(await finish());
  await endAll(replicas);
  // An index of the write-ahead log in shared memory, which SQLite makes anew.
  rmSync(join(folder, "replica-1.sqlite-shm"));
  return { ...merged(ofFeatures), revocations, room, heard, missed, sessions };
}

/** Clients that hear the first messages, and whose connections then break. */
async function leaveSessions(url: string, sender: Member) {
  const clients = await Promise.all(["early", "later", "late"].map((sub) => openWriter(url, room, sub)));
  const heard = [1, 2].map((index) => ({ id: `id-of-heard-${index}`, text: `heard ${index}` }));
  for (const message of heard) await sender.say(message.text, message.id);
  const broken = clients.map(async ({ socket, messages, session }): Promise<Session> => {
    const kept = await waitFor("it heard them", () => messages.length === heard.length && session());
    socket.io.engine.close();
    return kept;
  });
  const [early, later, late] = (await Promise.all(broken)) as [Session, Session, Session];
  return { heard, sessions: { early, later, late } };
}

/** The first replica is killed, with what SQLite has not merged into its file; the others stop as they should. */
async function endAll([killed, ...stopped]: Replica[]): Promise<void> {
  killed?.process.kill("SIGKILL");
  await killed?.process.exited;
  await Promise.all(stopped.map(({ process }) => process.stop()));
}
