import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Replica, type ReplicaOptions, startReplica } from "../../deploy/local/replica.ts";
import { type Program, type ProgramOptions, startProgram } from "../support/program.ts";
import type { RunOptions } from "./scenario.ts";
import { mainOf, talkingMain } from "./source.ts";

/** Where a run starts what it needs. */
export interface Lab {
  /** A folder for files, removed at the end. */
  folder: () => string;
  /** A Redis of its own, with its file in a temporary folder. */
  redis: () => Promise<LocalRedis>;
  program: (options: ProgramOptions) => Promise<Program>;
  /** The measured server as it ships; for clients that speak with one more feature, see `talkingMain`. */
  replica: (options: Pick<ReplicaOptions, "runtime" | "env"> & { talks?: boolean }) => Promise<Replica>;
  /** Has something stopped at the end, whatever happens before. */
  onEnd: (stop: () => unknown) => void;
}

/** Folders of labs that did not end, because the process was interrupted. */
const folders = new Set<string>();
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
process.on("exit", () => folders.forEach(remove));

/** Does `work`, and then stops all that it started, the last first; also when it fails. */
export async function inLab<T>(
  { source }: Pick<RunOptions, "source">,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const stops: (() => unknown)[] = [];
  let isOver = false;
  const onEnd = (stop: () => unknown) => {
    // Started beside something that failed meanwhile.
    if (isOver) void stop();
    else stops.push(stop);
  };
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
    folders.add(folder);
    onEnd(() => {
      remove(folder);
      folders.delete(folder);
    });
    return folder;
  };
  // What a program keeps in temporary files goes with the lab, even if the program had no time to tidy up.
  const env = { BENCH_SOURCE: source, TMPDIR: newFolder() };
  try {
    return await work({
      folder: newFolder,
      async redis() {
        const redis = await startRedis({ dir: newFolder() });
        onEnd(() => redis.process.stop());
        return redis;
      },
      async program(options) {
        const program = await startProgram({ ...options, env: { ...env, ...options.env } });
        onEnd(() => program.stop());
        return program;
      },
      async replica({ runtime, env: variables, talks = false }) {
        const entry = talks ? talkingMain : mainOf(source);
        const replica = await startReplica({
          runtime,
          entry,
          env: { DRAIN_MS: "0", BENCH_SOURCE: source, ...variables },
        });
        onEnd(() => replica.process.stop());
        return replica;
      },
      onEnd,
    });
  } finally {
    isOver = true;
    for (const stop of stops.toReversed()) await stop();
  }
}
