import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Replica, root, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import type { Fixture } from "./fixture.ts";
import { entry } from "./member.ts";
import { layOutSources } from "./old-sources.ts";

/** Whether CHANGELOG.md has this sentence. */
export function changelogSays(sentence: string): boolean {
  return readFileSync(join(root, "CHANGELOG.md"), "utf8").replaceAll(/\s+/g, " ").includes(sentence);
}

/**
 * Three replicas for the tests of this group, the first of them of the fixture's version; if the history has its
 * commit, else all are of this version.
 * @param clients are closed before the replicas stop.
 */
export function useBothVersions({ about }: Fixture, clients: readonly { close: () => void }[]) {
  const folder = temporaryFolder();
  const replicas: Replica[] = [];
  let redis: LocalRedis;
  let hasOld = false;

  before(async () => {
    redis = await startRedis({ dir: folder });
    const oldRoot = join(folder, "old");
    hasOld = layOutSources(about.commit, oldRoot);
    const starting = runtimes.map((runtime, index) =>
      startReplica({
        runtime,
        env: {
          NODE_ID: `replica-${index + 1}`,
          REDIS_URL: redis.url,
          DATA_FILE: join(folder, `replica-${index + 1}.sqlite`),
          DRAIN_MS: "0",
        },
        ...(index === 0 && hasOld ? { entry: join(oldRoot, "src/main.ts"), cwd: oldRoot } : { entry }),
      }),
    );
    for (const replica of starting) replicas.push(await replica);
  });
  after(async () => {
    for (const { close } of clients) close();
    await Promise.all(replicas.map(({ process }) => process.stop()));
    await redis.process.stop();
  });
  return { replicas, hasOld: () => hasOld };
}
