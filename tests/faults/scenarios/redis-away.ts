import type { Context } from "../context.ts";
import { type Scenario, awayBounds, togetherMs } from "../scenario.ts";

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

const absent: Scenario = {
  name: "redis-absent",
  title: "Redis absent at start, then appearing",
  ci: true,
  bounds: awayBounds,
  redisAtStart: false,
  async run(context) {
    await context.inMode("degraded", 5000);
    await context.idleWithin(0.02);
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
  bounds: awayBounds,
  run: (context) => outage(context, context.killRedis, () => context.cluster.startRedis()),
};

const killedEmpty: Scenario = {
  name: "redis-killed-empty",
  title: "Redis killed, back empty under a new run id",
  ci: false,
  bounds: awayBounds,
  run: (context) => outage(context, context.killRedis, () => context.cluster.startRedis({ empty: true })),
};

const olderClock: Scenario = {
  name: "redis-older-clock",
  title: "Redis killed, back empty and with an older clock",
  ci: false,
  bounds: awayBounds,
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
    await context.idleWithin(0.02);
    await context.cluster.startRedis();
    await context.togetherWithin(togetherMs);
  },
};

const stopped: Scenario = {
  name: "redis-stopped",
  title: "Redis hangs (SIGSTOP) for 15 s",
  ci: true,
  bounds: awayBounds,
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
  bounds: { maxAckMs: 1000, p99AckMs: 250 },
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

export const redisAway = [absent, killed, killedEmpty, olderClock, idle, stopped, flapping];
