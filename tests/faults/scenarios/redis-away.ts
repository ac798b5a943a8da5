import type { Context } from "../context.ts";
import { metric } from "../../support/operate.ts";
import { type Scenario, awayBounds, hangBounds, lossyBounds, togetherMs } from "../scenario.ts";

/** Of one replica, which has connections for commands, for blocking reads and for subscriptions. */
const mostAttemptsPerSecond = 10;

/** Redis is away for a while under load, then back; both are what `away` and `back` do. */
async function outage(context: Context, away: () => unknown, back: () => unknown, ms = 8000): Promise<void> {
  const { workload } = context;
  workload.start();
  await context.lasts(1500, 1000);
  await context.during("Redis is away", async () => {
    await away();
    await context.lasts(ms, 3000);
  });
  await back();
  await context.togetherWithin(togetherMs);
  await context.inMode("cluster", 5000);
  await context.lasts(1500, 1000);
}

/** While Redis is down, replicas look for it now and then: a loop that tries at once would use a core. */
async function fewAttempts(context: Context): Promise<void> {
  const seconds = 4;
  const { redisPort, replicas } = context.cluster;
  const attempts = await context.connectsTo(redisPort, seconds * 1000);
  const most = seconds * replicas.length * mostAttemptsPerSecond;
  if (attempts > most)
    context.fail(`${attempts} attempts to connect to Redis in ${seconds} s, bound ${most}`);
  if (attempts === 0) context.fail("no attempt to connect to Redis");
}

const absent: Scenario = {
  name: "redis-absent",
  title: "Redis absent at start, then appearing",
  ci: true,
  bounds: awayBounds,
  redisAtStart: false,
  async run(context) {
    await context.inMode("degraded");
    await fewAttempts(context);
    await outage(
      context,
      () => {},
      () => context.cluster.startRedis(),
      4000,
    );
  },
};

const killed: Scenario = {
  name: "redis-killed",
  title: "Redis killed, back with its data",
  ci: true,
  core: true,
  bounds: awayBounds,
  run: (context) => outage(context, context.killRedis, () => context.cluster.startRedis()),
};

const loading: Scenario = {
  name: "redis-loading",
  title: "Redis killed, back, and loading its data for a while",
  ci: false,
  bounds: awayBounds,
  async run(context) {
    const { workload, cluster } = context;
    workload.start();
    await context.lasts(1500, 1000);
    await context.during("Redis is away, then loads", async () => {
      await context.killRedis();
      await context.lasts(4000);
      const startedAt = performance.now();
      // Each command it reads from its file takes 3 ms; in between it answers LOADING. Done when it is loaded.
      await cluster.startRedis({
        args: ["--key-load-delay", "3000", "--loading-process-events-interval-bytes", "1024"],
      });
      const tookMs = performance.now() - startedAt;
      if (tookMs < 500) context.fail(`Redis was loaded after ${tookMs.toFixed(0)} ms: no fault`);
    });
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1500, 1000);
  },
};

const overflow: Scenario = {
  name: "outbox-overflow",
  title: "More is sent while Redis is away than is kept: members elsewhere must be told",
  ci: true,
  pinned: true,
  env: { OUTBOX_MAX_EVENTS: "20" },
  bounds: { maxAckMs: 1000, p99AckMs: 250, p99LocalMs: 50 },
  async run(context) {
    await outage(context, context.killRedis, () => context.cluster.startRedis(), 5000);
    for (const { url, logged, runtime } of context.started) {
      const dropped = await metric(url, "trimaran_outbox_dropped_total");
      if (!(dropped > 0)) context.fail(`on ${runtime} ${dropped} events were counted as dropped`);
      const told = logged("more was sent to rooms than is kept").length;
      if (told !== 1) context.fail(`on ${runtime} the log says ${told} times that events were dropped`);
    }
  },
};

const killedEmpty: Scenario = {
  name: "redis-killed-empty",
  title: "Redis killed, back empty under a new run id",
  ci: false,
  bounds: lossyBounds,
  run: (context) => outage(context, context.killRedis, () => context.cluster.startRedis({ empty: true })),
};

const olderClock: Scenario = {
  name: "redis-older-clock",
  title: "Redis killed, back empty and with an older clock",
  ci: false,
  bounds: lossyBounds,
  async run(context) {
    // An hour ahead: ids of the stream go on from here, and start over below it later.
    await context.redis("XADD", "trimaran:events", `${Date.now() + 3_600_000}-0`, "nsp", "none");
    await outage(context, context.killRedis, () => context.cluster.startRedis({ empty: true }));
  },
};

const idle: Scenario = {
  name: "redis-away-idle",
  title: "Redis away and nobody does anything",
  ci: false,
  bounds: awayBounds,
  async run(context) {
    context.workload.start();
    await context.lasts(1000);
    await context.workload.pause();
    await context.killRedis();
    await context.inMode("degraded", 2000);
    await fewAttempts(context);
    await context.cluster.startRedis();
    await context.togetherWithin(togetherMs);
  },
};

const stopped: Scenario = {
  name: "redis-stopped",
  title: "Redis hangs (SIGSTOP) for 15 s",
  ci: true,
  bounds: hangBounds,
  run: (context) =>
    outage(
      context,
      async () => {
        context.cluster.redis?.process.kill("SIGSTOP");
        await context.inMode("degraded", 2000);
      },
      () => context.cluster.redis?.process.kill("SIGCONT"),
      15_000,
    ),
};

const flapping: Scenario = {
  name: "redis-flapping",
  title: "Redis up 1 s, down 1 s, ten times",
  ci: false,
  bounds: { maxAckMs: 1000, p99AckMs: 250, nobodyTold: true },
  proxied: true,
  async run(context) {
    context.workload.start();
    await context.during("Redis comes and goes", async () => {
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(context.proxies.map((proxy) => proxy.set({ kind: "refuse" })));
        await context.lasts(1000);
        await Promise.all(context.proxies.map((proxy) => proxy.set({ kind: "pass" })));
        await context.lasts(1000);
      }
    });
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1000);
  },
};

export const redisAway = [
  absent,
  killed,
  loading,
  killedEmpty,
  olderClock,
  overflow,
  idle,
  stopped,
  flapping,
];
