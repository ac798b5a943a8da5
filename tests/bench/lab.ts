import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";

/** Where a run starts what it needs. */
export interface Lab {
  /** A Redis of its own, with its file in a temporary folder. */
  redis: () => Promise<LocalRedis>;
  program: (options: ProgramOptions) => Promise<Program>;
  /** Has something stopped at the end, whatever happens before. */
  onEnd: (stop: () => unknown) => void;
}

/** Does `work`, and then stops all that it started, the last first; also when it fails. */
export async function inLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const stops: (() => unknown)[] = [];
  let isOver = false;
  const onEnd = (stop: () => unknown) => {
    // Started beside something that failed meanwhile.
    if (isOver) void stop();
    else stops.push(stop);
  };
  try {
    return await work({
      async redis() {
        const dir = await mkdtemp(join(tmpdir(), "trimaran-bench-redis-"));
        onEnd(() => rm(dir, { recursive: true, force: true }));
        const redis = await startRedis({ dir });
        onEnd(() => redis.process.stop());
        return redis;
      },
      async program(options) {
        const program = await startProgram(options);
        onEnd(() => program.stop());
        return program;
      },
      onEnd,
    });
  } finally {
    isOver = true;
    for (const stop of stops.toReversed()) await stop();
  }
}
