import { type RedisClientType, createClient } from "redis";
import type { RedisFigures } from "../contract.ts";
import { type Probe, deadlineMs } from "./probe.ts";

/** Asks Redis over a connection of its own, which it drops when a reply is late: node-redis has no deadline for that. */
export function createRedisProbe(port: number): Probe {
  let client: RedisClientType | undefined;

  async function connected(): Promise<RedisClientType> {
    if (client?.isReady) return client;
    drop();
    const fresh: RedisClientType = createClient({
      url: `redis://127.0.0.1:${port}`,
      disableOfflineQueue: true,
      socket: { connectTimeout: deadlineMs, reconnectStrategy: false },
    });
    // Without a listener an error would end this process.
    fresh.on("error", () => undefined);
    client = fresh;
    await fresh.connect();
    return fresh;
  }

  function drop(): void {
    try {
      client?.destroy();
    } catch {
      // It was not open.
    }
    client = undefined;
  }

  async function readFigures(): Promise<RedisFigures> {
    const info = await (await connected()).info();
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
    return {
      version: field("redis_version"),
      clients: Number(field("connected_clients")),
      commandsPerSecond: Number(field("instantaneous_ops_per_sec")),
      usedMemory: field("used_memory_human"),
    };
  }

  return {
    async read() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error("Redis did not answer in time")), deadlineMs);
      });
      const reading = readFigures();
      reading.catch(() => undefined);
      try {
        const redis = await Promise.race([reading, late]);
        return { version: redis.version, redis };
      } catch (error) {
        drop();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: drop,
  };
}
