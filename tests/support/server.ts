import { join } from "node:path";
import { after, before } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type Replica, type RuntimeName, root, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "./folder.ts";

/** The server with the feature `talk` beside those of the app. */
export const entryWithTalk = `${root}tests/support/main.ts`;

/** A server in `single` mode for the tests of this group: `server().url` once they run. */
export function useServer(
  runtime: RuntimeName,
  env: Record<string, string> = {},
  entry = entryWithTalk,
): () => Replica {
  let replica: Replica | undefined;
  const folder = temporaryFolder();
  before(async () => {
    replica = await startReplica({
      runtime,
      entry,
      env: { DATA_FILE: join(folder, "data.sqlite"), LOG_LEVEL: "info", ...env },
    });
  });
  after(() => replica?.process.stop());
  return () => {
    if (!replica) throw new Error("the server is started before the tests, not while they are defined");
    return replica;
  };
}

/** Servers in `single` mode that a test of this group starts and stops; what still runs is stopped after the tests. */
export function useReplicas(runtime: RuntimeName) {
  const folder = temporaryFolder();
  const started: Replica[] = [];
  after(() => Promise.all(started.map(({ process }) => process.stop())));
  /** The variable that names a data file; servers with the same name have the same file. */
  const dataFile = (name: string) => ({ DATA_FILE: join(folder, name, "data.sqlite") });
  return {
    folder,
    dataFile,
    /** @param entry the server that ships, if left out. */
    async start(name: string, env: Record<string, string> = {}, entry?: string): Promise<Replica> {
      const replica = await startReplica({ runtime, entry, env: { ...dataFile(name), ...env } });
      started.push(replica);
      return replica;
    },
  };
}

/**
 * The metrics of a server as they are now, not as another client was given them within the last second.
 * @param timeoutMs of each request, and of all of them together.
 */
export async function freshMetrics(url: string, timeoutMs = 60_000): Promise<string> {
  const ask = async () => {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.text();
  };
  const asked = Date.now();
  const first = await ask();
  if (isReadSince(first, asked)) return first;
  // By the server's own clock, which may be another than this one (tests/upgrade): a later text is a fresh one.
  const firstReadAt = readAtMs(first) ?? 0;
  return waitFor(
    "fresh metrics",
    async () => {
      const text = await ask();
      return isReadSince(text, firstReadAt) && text;
    },
    timeoutMs,
  );
}

/** When metrics were read, by the server's clock; servers before 0.2 read them for every request. */
function readAtMs(text: string): number | undefined {
  const readAt = /^trimaran_metrics_timestamp_seconds{.*} (\S+)$/m.exec(text)?.[1];
  return readAt === undefined ? undefined : Number(readAt) * 1000;
}

/** Whether metrics were read after a point in time. */
export function isReadSince(text: string, sinceMs: number): boolean {
  const readAt = readAtMs(text);
  return readAt === undefined || readAt > sinceMs;
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
