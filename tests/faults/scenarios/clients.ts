import { waitFor } from "../../../deploy/local/process.ts";
import { createCrowd } from "../crowd.ts";
import { metric } from "../operate.ts";
import { type Scenario, patienceMs } from "../scenario.ts";
import { type SlowClient, createSlowClient } from "../slow-client.ts";

const reconnects: Scenario = {
  name: "reconnects",
  title: "A thousand reconnects under 100 messages a second",
  ci: true,
  members: 10,
  bounds: { nobodyTold: true, oneOrder: true },
  async run(context) {
    const { workload, random, ci } = context;
    const rounds = ci ? 10 : 100;
    workload.start({ wordsPerSecond: 1 });
    await Promise.all(
      workload.members.map(async (member) => {
        for (let round = 0; round < rounds; round += 1) {
          await waitFor("back again", () => member.provider.synced, patienceMs);
          await context.pause(random.between(0, 300));
          member.breakConnection();
        }
      }),
    );
    await context.everyoneIsBack();
    await context.lasts(1000, 500);
  },
};

const offline: Scenario = {
  name: "client-offline",
  title: "A client offline for a minute while others type",
  ci: true,
  bounds: { nobodyTold: true, oneOrder: true },
  async run(context) {
    const [away] = context.workload.members;
    context.workload.start();
    await context.lasts(1500, 500);
    away?.breakConnection({ back: false });
    await context.lasts(60_000, 4000);
    away?.goOnline();
    await waitFor("it is back", () => away?.provider.synced, patienceMs);
    await context.lasts(2000, 500);
  },
};

const offlineTrimmed: Scenario = {
  name: "client-offline-trimmed",
  title: "A client offline while what it misses is trimmed: recovered all the same, or told",
  ci: false,
  async run(context) {
    const [away] = context.workload.members;
    context.workload.start();
    await context.lasts(1500);
    away?.breakConnection({ back: false });
    await context.lasts(3000);
    await context.redis("XTRIM", "trimaran:events", "MAXLEN", "5");
    away?.goOnline();
    await waitFor("it is back", () => away?.provider.synced, patienceMs);
    await context.lasts(2000);
  },
};

const manyReturn: Scenario = {
  name: "many-return",
  title: "500 clients return at once",
  ci: false,
  members: 3,
  bounds: { nobodyTold: true, oneOrder: true },
  async run(context) {
    const { workload, cluster } = context;
    const { documentId, history } = workload;
    const crowd = await createCrowd({ url: cluster.url, documentId, history, count: 500 });
    context.onEnd(() => crowd.close());
    workload.start({ messagesPerSecond: 1, wordsPerSecond: 1 });
    await context.lasts(2000);
    crowd.breakAll();
    await context.promised("500 clients are back", 10_000, crowd.isIn);
    await context.lasts(3000);
    const [connections, refused] = [
      await context.sum("trimaran_connections"),
      await context.sum("trimaran_refused_total"),
    ];
    if (connections !== 503) context.fail(`${connections} connections are counted, not 503`);
    if (refused > 0) context.fail(`${refused} requests, connections or events were refused`);
  },
};

/** MAX_BUFFERED_BYTES by default, and what the largest packet counts for at least (src/realtime/slow-clients.ts). */
const maxBufferedBytes = 2 ** 20;
const largePacketBytes = 16_384;
/** On Bun the server checks what waits for clients after each 64 KiB of a room (`maxPublishedBytes`, bun-fan-out.ts). */
const unwatchedBytes = (runtime: string | undefined) => (runtime === "bun" ? 65_536 : 0);

const slow: Scenario = {
  name: "client-slow",
  title: "Clients that answer pings but do not read",
  ci: false,
  bounds: { maxAckMs: 1000, p99AckMs: 250, nobodyTold: true, oneOrder: true },
  async run(context) {
    const { workload, cluster } = context;
    const port = cluster.replicas[0]?.port ?? 0;
    const slowOnes: SlowClient[] = [];
    const url = cluster.replicas[0]?.url ?? "";
    const connections = () => metric(url, "trimaran_connections");
    context.onEnd(() => slowOnes.forEach((client) => client.close()));
    const others = await connections();
    for (let index = 0; index < 5; index += 1) {
      slowOnes.push(await createSlowClient(port, workload.documentId));
    }
    workload.start({ messagesPerSecond: 40, wordsPerSecond: 2, length: 3900 });
    await waitFor(
      "those who do not read are disconnected",
      async () => (await connections()) <= others,
      patienceMs,
    );
    // A client is logged and counted once more for each packet between the decision and its connection's end.
    const first = new Map<string, number>();
    for (const line of context.started[0]?.logged("a client does not read") ?? []) {
      const { connection, bufferedBytes } = JSON.parse(line) as { connection: string; bufferedBytes: number };
      if (!first.has(connection)) first.set(connection, bufferedBytes);
    }
    if (first.size !== slowOnes.length) context.fail(`${first.size} slow clients, not ${slowOnes.length}`);
    const counted = await metric(url, "trimaran_slow_clients_total");
    if (counted < slowOnes.length) context.fail(`${counted} slow clients are counted`);
    // What waited for each, as the bound counts it: the bound, one packet beyond, and the one that was too much.
    const most = Math.max(...first.values());
    const unwatched = unwatchedBytes(cluster.replicas[0]?.runtime);
    if (most > maxBufferedBytes + 2 * largePacketBytes + unwatched)
      context.fail(`${most} bytes waited for a client that did not read`);
    await workload.pause();
    for (const client of slowOnes) client.read();
    await waitFor(
      "they see it when they read",
      () => slowOnes.every((client) => client.isClosed()),
      patienceMs,
    );
    const noticed = workload.members.filter(({ seen }) => seen.disconnects.length > 0);
    if (noticed.length > 0)
      context.fail(`others were disconnected: ${noticed.map(({ name }) => name).join(", ")}`);
  },
};

export const clients = [reconnects, offline, offlineTrimmed, manyReturn, slow];
