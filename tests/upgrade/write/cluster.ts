import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as Y from "yjs";
import { type Replica, runtimes, startReplica } from "../../../deploy/local/replica.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { startRedis } from "../../../deploy/local/redis.ts";
import { modeOf, redisCli } from "../../support/operate.ts";
import { apiKey, authSecret } from "../../support/tokens.ts";
import { keystrokes } from "../../features/documents/support/yjs.ts";
import {
  type ExpectedDocument,
  describeDocument,
  fillWithEverything,
  kindsOfEverything,
} from "../content.ts";
import type { Expected } from "../expected.ts";
import type { Member, Session } from "../member.ts";
import { openWriter, revoke } from "./single.ts";

type Message = Expected["cluster"]["heard"][number];

const text = { content: "text" } as const;
const room = "room";

/**
 * Writes Redis' append-only file and the data files of three replicas, one on each runtime, into a folder: as they
 * are when Redis is killed while members write, and the replicas a little later.
 */
export async function writeCluster(folder: string): Promise<Expected["cluster"]> {
  const redisFolder = join(folder, "redis");
  mkdirSync(redisFolder, { recursive: true });
  const redis = await startRedis({ dir: redisFolder });
  const replicas = await Promise.all(
    runtimes.map((runtime, index) =>
      startReplica({
        runtime,
        env: {
          NODE_ID: `replica-${index + 1}`,
          REDIS_URL: redis.url,
          DATA_FILE: join(folder, `replica-${index + 1}.sqlite`),
          AUTH_SECRET: authSecret,
          API_KEYS: apiKey,
          MAX_DOCUMENT_UPDATES: "20",
          DRAIN_MS: "0",
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

  const documents: Record<string, ExpectedDocument> = {};
  documents["snapshot-and-log"] = await writeSnapshot(url(0), redis.port);
  const everything = await openWriter(url(2), "maps-arrays-and-xml");
  fillWithEverything(everything.doc);
  await everything.provider.whenSaved();
  documents["maps-arrays-and-xml"] = describeDocument([everything.doc], kindsOfEverything);
  const writers = {
    journal: [await openWriter(url(0), "journal")],
    apart: [await openWriter(url(0), "apart"), await openWriter(url(1), "apart")],
    busy: [await openWriter(url(1), "busy"), await openWriter(url(2), "busy")],
  };
  for (const [id, members] of Object.entries(writers))
    for (const { text: content, provider } of members) {
      content.insert(0, `${id}, while Redis is up. `);
      await provider.whenSaved();
    }

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
    for (const { text: content } of writers.busy) content.insert(content.length, String(index % 10));
    if (index === 10) redis.process.kill("SIGKILL");
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(onTheirWay);
  await modes("degraded");

  const fresh = await openWriter(url(0), "never-shared");
  for (const { text: content, provider } of [...writers.journal, ...writers.apart, fresh]) {
    content.insert(content.length, "Written while Redis is down. ");
    content.delete(0, 3);
    await provider.whenSaved();
  }
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

  await Promise.all(writers.busy.map(({ provider }) => provider.whenSaved()));
  for (const [id, members] of Object.entries({ ...writers, "never-shared": [fresh] }))
    documents[id] = describeDocument(docsOf(members), text);
  await endAll(replicas);
  // An index of the write-ahead log in shared memory, which SQLite makes anew.
  rmSync(join(folder, "replica-1.sqlite-shm"));
  return { documents, revocations, room, heard, missed, sessions };
}

const docsOf = (members: Member[]) => members.map(({ doc }) => doc);

/** A document that is a snapshot, and a log of what came after it. */
async function writeSnapshot(url: string, redisPort: number): Promise<ExpectedDocument> {
  const id = "snapshot-and-log";
  const member = await openWriter(url, id);
  const [snapshot, log] = ["snapshot", "log"].map((part) => `trimaran:doc:{${id}}:${part}`) as [
    string,
    string,
  ];
  const updates = keystrokes("twenty are merged, the rest is not");
  const send = async (from: number, to: number) => {
    for (const update of updates.slice(from, to)) {
      Y.applyUpdate(member.doc, update);
      await member.send(update);
    }
  };
  await send(0, 20);
  await waitFor("there is a snapshot", async () => (await redisCli(redisPort, ["EXISTS", snapshot])) === "1");
  await send(20, updates.length);
  if ((await redisCli(redisPort, ["XLEN", log])) === "0") throw new Error("there is no log");
  return describeDocument([member.doc], text);
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
