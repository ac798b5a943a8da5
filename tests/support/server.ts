import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Replica, type RuntimeName, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "./folder.ts";

/** A server in `single` mode for the tests of this group: `server().url` once they run. */
export function useServer(runtime: RuntimeName, env: Record<string, string> = {}): () => Replica {
  let replica: Replica | undefined;
  const folder = temporaryFolder();
  before(async () => {
    replica = await startReplica({
      runtime,
      env: { DATA_FILE: join(folder, "data.sqlite"), LOG_LEVEL: "info", ...env },
    });
  });
  after(() => replica?.process.stop());
  return () => {
    if (!replica) throw new Error("the server is started before the tests, not while they are defined");
    return replica;
  };
}

/**
 * The metrics of a server as they are now, not as somebody else was given them within the last second.
 * @param timeoutMs of each request.
 */
export async function freshMetrics(url: string, timeoutMs = 60_000): Promise<string> {
  const asked = Date.now();
  for (;;) {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (isReadSince(text, asked)) return text;
    await sleep(50);
  }
}

/** Whether metrics were read after a point in time; servers before 0.2 read them for every request. */
export function isReadSince(text: string, sinceMs: number): boolean {
  const readAt = /^trimaran_metrics_timestamp_seconds{.*} (\S+)$/m.exec(text)?.[1];
  return readAt === undefined || Number(readAt) * 1000 > sinceMs;
}

/** A counter's or gauge's value for these labels; 0 if it was never counted. */
export async function metric(
  url: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const text = await freshMetrics(url);
  const line = text
    .split("\n")
    .find(
      (each) =>
        each.startsWith(`${name}{`) &&
        Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
    );
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}
