import { join } from "node:path";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { RuntimeName } from "../../../../deploy/local/replica.ts";
import { modeOf } from "../../../support/operate.ts";
import { watchCpu } from "../../../bench/cpu.ts";
import type { Lab } from "../../../bench/lab.ts";
import { unlimited } from "../../../support/unlimited.ts";

/** A server of documents, and the programs for it. */
export interface DocumentServer {
  name: string;
  kind: "Trimaran" | "Hocuspocus";
  runtime: RuntimeName;
  /** The program of people who use its own client. */
  people: URL;
  /** As of a contender. */
  peers?: URL;
}

const trimaran = (runtime: RuntimeName): DocumentServer => ({
  name: `Trimaran on ${runtime}`,
  kind: "Trimaran",
  runtime,
  people: new URL("./load/trimaran-people.ts", import.meta.url),
});

export const documentServers = {
  trimaranNode: trimaran("node"),
  trimaranBun: trimaran("bun"),
  trimaranDeno: trimaran("deno"),
  hocuspocus: {
    name: "Hocuspocus on node",
    kind: "Hocuspocus",
    runtime: "node",
    people: new URL("./load/hocuspocus-people.mjs", import.meta.url),
    peers: new URL(".", import.meta.url),
  },
} satisfies Record<string, DocumentServer>;

/** Several servers that act as one, and their Redis. */
export interface DocumentCluster {
  ports: number[];
  pids: Record<string, number>;
}

/** Starts Redis and three servers as they ship, each a process of its own. */
export async function startDocumentCluster(lab: Lab, server: DocumentServer): Promise<DocumentCluster> {
  const redis = await lab.redis();
  const start = server.kind === "Trimaran" ? startTrimaran : startHocuspocus;
  const dir = lab.folder();
  const started = await Promise.all(
    [1, 2, 3].map((number) => start(lab, server.runtime, redis.url, join(dir, `${number}.sqlite`))),
  );
  const pids: Record<string, number> = { redis: redis.process.pid };
  for (const [index, { pid }] of started.entries()) pids[`server ${index + 1}`] = pid;
  return { ports: started.map(({ port }) => port), pids };
}

async function startTrimaran(lab: Lab, runtime: RuntimeName, redisUrl: string, dataFile: string) {
  const replica = await lab.replica({
    runtime,
    env: { ...unlimited, REDIS_URL: redisUrl, DATA_FILE: dataFile },
  });
  await waitFor(
    "the replica works with Redis",
    async () => (await modeOf(replica.url)) === "cluster",
    30_000,
  );
  return { port: replica.port, pid: replica.process.pid };
}

async function startHocuspocus(lab: Lab, runtime: RuntimeName, redisUrl: string) {
  const program = await lab.program({
    runtime,
    file: new URL("./servers/hocuspocus.mjs", import.meta.url),
    env: { REDIS_URL: redisUrl },
  });
  return { port: await program.call<number>("port"), pid: program.process.pid };
}

/** @returns what tells the microseconds of processor time that all processes took since this call. */
export function watchCluster({ pids }: DocumentCluster): () => number {
  const used = watchCpu(pids);
  return () => Object.values(used().us).reduce((sum, us) => sum + us, 0);
}
