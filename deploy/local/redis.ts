import { connect } from "node:net";
import { once } from "node:events";
import { freePort } from "./free-port.ts";
import { type Process, start, waitWhileRunning } from "./process.ts";

export interface LocalRedis {
  process: Process;
  port: number;
  url: string;
}

export interface RedisOptions {
  /** Where its append-only file lies. */
  dir: string;
  port?: number;
  /** More of redis-server's own arguments. */
  args?: string[];
  /** Called before it answers. */
  onSpawn?: (process: Process) => void;
}

/** A real Redis on loopback that keeps what it is told, as production's should. */
export async function startRedis({ dir, port, args = [], onSpawn }: RedisOptions): Promise<LocalRedis> {
  const chosen = port ?? (await freePort());
  const process = await start({
    command: "redis-server",
    args: [
      "--port",
      String(chosen),
      "--bind",
      "127.0.0.1",
      "--dir",
      dir,
      "--save",
      "",
      "--appendonly",
      "yes",
      "--maxmemory-policy",
      "noeviction",
      ...args,
    ],
    cwd: dir,
  });
  onSpawn?.(process);
  await waitWhileRunning(process, `Redis answers on port ${chosen}`, () => answersPing(chosen));
  return { process, port: chosen, url: `redis://127.0.0.1:${chosen}` };
}

/** Answers, and is done loading its file. */
async function answersPing(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [reply] = (await once(socket, "data")) as [Buffer];
    return reply.toString().startsWith("+PONG") || reply.toString().startsWith("-NOAUTH");
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
