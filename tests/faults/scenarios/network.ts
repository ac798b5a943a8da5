import type { Bounds } from "../checker.ts";
import type { Context } from "../context.ts";
import type { ProxyMode } from "../proxy.ts";
import { type Scenario, hangBounds, togetherMs } from "../scenario.ts";

async function all(context: Context, mode: ProxyMode): Promise<void> {
  await Promise.all(context.proxies.map((proxy) => proxy.set(mode)));
}

/**
 * A change is stored and then published, each within 250 ms, after the change that was under way when it
 * was made: a second at most, and a little for the machine.
 */
const slowBounds: Bounds = { p99AckMs: 1000, maxAckMs: 1250, nobodyTold: true };

const halfOpen: Scenario = {
  name: "partition-half-open",
  title: "One replica cut off: its connections to Redis half-open",
  ci: true,
  bounds: hangBounds,
  proxied: true,
  pinned: true,
  async run(context) {
    const { workload, proxies, random } = context;
    const victim = random.index(proxies.length);
    workload.start();
    await context.lasts(1500, 1000);
    await context.during("one replica is cut off", async () => {
      await proxies[victim]?.set({ kind: "half-open" });
      await context.inMode("degraded", 2000, [victim]);
      await context.lasts(6000, 2500);
    });
    await proxies[victim]?.set({ kind: "pass" });
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1500, 1000);
  },
};

const cutAll: Scenario = {
  name: "partition-all",
  title: "All replicas cut off: half-open, then hanging, then refused",
  ci: false,
  bounds: hangBounds,
  proxied: true,
  async run(context) {
    context.workload.start();
    await context.lasts(1000);
    for (const kind of ["half-open", "hang", "refuse"] as const) {
      await context.during(kind, async () => {
        await all(context, { kind });
        await context.inMode("degraded", 2000);
        await context.lasts(3000);
      });
      await all(context, { kind: "pass" });
      await context.togetherWithin(togetherMs);
      await context.inMode("cluster", 5000);
      await context.lasts(1000);
    }
  },
};

const slowLink: Scenario = {
  name: "link-slow",
  title: "A slow way to Redis: 200 ms there and back",
  ci: true,
  bounds: slowBounds,
  proxied: true,
  async run(context) {
    context.workload.start();
    await context.lasts(1000);
    await context.during("the way is slow", async () => {
      await all(context, { kind: "delay", ms: 100 });
      await context.lasts(8000, 3000);
    });
    await all(context, { kind: "pass" });
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1000);
  },
};

const throttled: Scenario = {
  name: "link-throttled",
  title: "A narrow way to Redis for one replica: 50 KB a second",
  ci: false,
  bounds: slowBounds,
  proxied: true,
  async run(context) {
    const { proxies, random } = context;
    const proxy = random.pick(proxies);
    context.workload.start();
    await context.lasts(1000);
    await context.during("the way is narrow", async () => {
      await proxy.set({ kind: "throttle", bytesPerSecond: 50_000 });
      await context.lasts(6000);
    });
    await proxy.set({ kind: "pass" });
    await context.togetherWithin(togetherMs);
    await context.inMode("cluster", 5000);
    await context.lasts(1000);
  },
};

export const network = [halfOpen, cutAll, slowLink, throttled];
