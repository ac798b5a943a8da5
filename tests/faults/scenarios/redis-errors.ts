import type { Context } from "../context.ts";
import { type Scenario, awayBounds, lossyBounds, togetherMs } from "../scenario.ts";

/** Redis answers, but with errors, for a while under load. */
async function refusing(
  context: Context,
  begin: string[][],
  end: string[][],
  degraded = true,
): Promise<void> {
  const { workload } = context;
  workload.start();
  await context.lasts(1500, 1000);
  await context.during("Redis refuses", async () => {
    for (const command of begin) await context.redis(...command);
    if (degraded) await context.inMode("degraded", 2000);
    await context.lasts(5000, 2500);
  });
  for (const command of end) await context.redis(...command);
  await context.togetherWithin(togetherMs);
  await context.inMode("cluster", 5000);
  await context.lasts(1500, 1000);
}

const outOfMemory: Scenario = {
  name: "redis-oom",
  title: "Redis refuses writes: out of memory",
  ci: false,
  bounds: awayBounds,
  run: (context) =>
    refusing(context, [["CONFIG", "SET", "maxmemory", "1"]], [["CONFIG", "SET", "maxmemory", "0"]]),
};

const readOnly: Scenario = {
  name: "redis-readonly",
  title: "Redis refuses writes: a read-only replica",
  ci: true,
  bounds: awayBounds,
  // Port 1: nobody there, so it never gets anybody's data.
  run: (context) => refusing(context, [["REPLICAOF", "127.0.0.1", "1"]], [["REPLICAOF", "NO", "ONE"]]),
};

const password: Scenario = {
  name: "redis-noauth",
  title: "Redis suddenly wants a password",
  ci: false,
  bounds: awayBounds,
  async run(context) {
    const kick = ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"];
    const wanted = [
      ["CONFIG", "SET", "requirepass", "secret"],
      ["-a", "secret", "--no-auth-warning", ...kick],
    ];
    await refusing(context, wanted, [
      ["-a", "secret", "--no-auth-warning", "CONFIG", "SET", "requirepass", ""],
    ]);
  },
};

const scriptFlush: Scenario = {
  name: "redis-script-flush",
  title: "Scripts flushed under load",
  ci: false,
  bounds: awayBounds,
  async run(context) {
    context.workload.start();
    await context.during("scripts are flushed", async () => {
      for (let round = 0; round < 6; round += 1) {
        await context.redis("SCRIPT", "FLUSH");
        await context.lasts(700, 400);
      }
    });
  },
};

const flushAll: Scenario = {
  name: "redis-flushall",
  title: "Everything flushed under load",
  ci: false,
  bounds: lossyBounds,
  async run(context) {
    const { workload } = context;
    workload.start();
    await context.lasts(2000);
    await context.during("everything is flushed", async () => {
      await context.redis("FLUSHALL");
      await context.lasts(3000);
    });
    await context.togetherWithin(togetherMs);
    await context.lasts(1000);
  },
};

export const redisErrors = [outOfMemory, readOnly, password, scriptFlush, flushAll];
