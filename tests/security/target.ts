import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCaddy, startCaddy } from "../../deploy/local/caddy.ts";
import { type Replica, type RuntimeName, startReplica } from "../../deploy/local/replica.ts";
import { entryWithTalk } from "../support/server.ts";

/** The server under attack, and the balancer in front of it. */
export interface Target {
  runtime: RuntimeName;
  pid: number;
  replica: Replica;
  caddy: LocalCaddy;
  /** Lines of the server's log that tell of its own mistakes, since they were asked for the last time. */
  mistakes: () => string[];
  stop: () => Promise<void>;
}

/** Everyone attacks from an address of their own where limits are not the point; these are for what is left. */
const noLimit = "999999999/60s";

export async function startTarget(runtime: RuntimeName, env: Record<string, string> = {}): Promise<Target> {
  const dir = await mkdtemp(join(tmpdir(), "trimaran-attacked-"));
  const replica = await startReplica({
    runtime,
    entry: entryWithTalk,
    env: {
      DATA_FILE: join(dir, "data.sqlite"),
      NODE_ID: `attacked-${runtime}`,
      LOG_LEVEL: "info",
      HTTP_RATE: noLimit,
      CONNECT_RATE: noLimit,
      EVENT_RATE: noLimit,
      ...env,
    },
  });
  const mistakes: string[] = [];
  for (const stream of [replica.process.child.stdout, replica.process.child.stderr]) {
    let rest = "";
    stream?.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      mistakes.push(...lines.filter(isMistake));
    });
  }
  const caddy = await startCaddy({ dir: join(dir, "caddy"), upstreams: [`127.0.0.1:${replica.port}`] }).catch(
    async (error: unknown) => {
      await replica.process.stop();
      throw error;
    },
  );
  return {
    runtime,
    pid: replica.process.pid,
    replica,
    caddy,
    mistakes: () => mistakes.splice(0),
    async stop() {
      await caddy.process.stop();
      await replica.process.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** From `error` on, and whatever is not the log's: what a runtime prints of an exception that nobody caught. */
function isMistake(line: string): boolean {
  if (line.trim() === "") return false;
  try {
    return (JSON.parse(line) as { level: number }).level >= 50;
  } catch {
    return true;
  }
}
