import { waitFor } from "../../../deploy/local/process.ts";
import { createCrowd } from "../crowd.ts";
import { metric } from "../operate.ts";
import type { Scenario } from "../scenario.ts";
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
          await waitFor("back again", () => member.provider.synced, 10_000);
          await context.pause(random.between(0, 300));
          member.breakConnection();
        }
      }),
    );
    await waitFor("everyone is back", () => workload.members.every(({ provider }) => provider.synced));
    await context.lasts(1000, 500);
  },
};

const offline: Scenario = {
  name: "client-offline",
  title: "A client offline for a minute while others type",
  ci: true,
  bounds: { nobodyTold: true },
  async run(context) {
    const [away] = context.workload.members;
    context.workload.start();
    await context.lasts(1500, 500);
    away?.breakConnection({ back: false });
    await context.lasts(60_000, 4000);
    away?.goOnline();
    await waitFor("it is back", () => away?.provider.synced, 5000);
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
    await waitFor("it is back", () => away?.provider.synced, 5000);
    await context.lasts(2000);
  },
};

const manyReturn: Scenario = {
  name: "many-return",
  title: "500 clients return at once",
  ci: false,
  members: 3,
  bounds: { nobodyTold: true },
  maxMegabytes: 500,
  async run(context) {
    const { workload, cluster } = context;
    const { documentId, history } = workload;
    const crowd = await createCrowd({ url: cluster.url, documentId, history, count: 500 });
    context.onEnd(() => crowd.close());
    workload.start({ messagesPerSecond: 1, wordsPerSecond: 1 });
    await context.lasts(2000);
    const took = await crowd.breakAll();
    if (took > 10_000) context.fail(`500 clients were back after ${took.toFixed(0)} ms, bound 10000 ms`);
    await context.lasts(3000);
  },
};

const slow: Scenario = {
  name: "client-slow",
  title: "Clients that answer pings but do not read",
  ci: false,
  bounds: { maxAckMs: 1000, p99AckMs: 250, nobodyTold: true },
  maxMegabytes: 300,
  async run(context) {
    const { workload, cluster } = context;
    const port = cluster.replicas[0]?.port ?? 0;
    const slowOnes: SlowClient[] = [];
    const connections = () => metric(cluster.replicas[0]?.url ?? "", "trimaran_connections");
    context.onEnd(() => slowOnes.forEach((client) => client.close()));
    const others = await connections();
    for (let index = 0; index < 5; index += 1) {
      slowOnes.push(await createSlowClient(port, workload.documentId));
    }
    workload.start({ messagesPerSecond: 40, wordsPerSecond: 2, length: 3900 });
    await waitFor(
      "those who do not read are disconnected",
      async () => (await connections()) <= others,
      40_000,
    );
    await workload.pause();
    for (const client of slowOnes) client.read();
    await waitFor("they see it when they read", () => slowOnes.every((client) => client.isClosed()), 10_000);
    const noticed = workload.members.filter(({ seen }) => seen.disconnects.length > 0);
    if (noticed.length > 0)
      context.fail(`others were disconnected: ${noticed.map(({ name }) => name).join(", ")}`);
  },
};

export const clients = [reconnects, offline, offlineTrimmed, manyReturn, slow];
