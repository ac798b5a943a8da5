import assert from "node:assert/strict";
import { join } from "node:path";
import type { Process } from "../../deploy/local/process.ts";
import type { LocalRedis } from "../../deploy/local/redis.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { metric } from "../support/operate.ts";
import type { Fixture } from "./fixture.ts";
import { openFixture } from "./old-data.ts";

export type OldCluster = ReturnType<typeof openCluster>;

/**
 * A fixture's Redis and three replicas, of this version on one runtime.
 * @param clients are closed before the replicas stop.
 */
export function openCluster(
  fixture: Fixture,
  runtime: RuntimeName,
  folder: string,
  clients: readonly { close: () => void }[],
) {
  const opened = openFixture(fixture, "cluster", folder);
  const processes: Process[] = [];
  const urls: string[] = ["", "", ""];
  let redis: LocalRedis;

  async function startReplica(index: number): Promise<void> {
    const replica = await opened.start(runtime, {
      NODE_ID: `replica-${index + 1}`,
      REDIS_URL: redis.url,
      DATA_FILE: join(opened.folder, `replica-${index + 1}.sqlite`),
      DRAIN_MS: "0",
    });
    processes.push(replica.process);
    urls[index] = replica.url;
  }

  return {
    ...opened,
    url: (index: number): string => urls[index] ?? "",

    /** Redis, and the one replica whose outbox is empty: its clients are there before the other two publish theirs. */
    async startFirst(): Promise<void> {
      const { pid } = fixture.expected.cluster.sessions.late;
      redis = await opened.startRedis((key) => key.endsWith(pid));
      await startReplica(2);
    },

    /** The other two replicas, which have an outbox each. */
    startOthers: () => Promise.all([startReplica(0), startReplica(1)]),

    async stop(): Promise<void> {
      for (const { close } of clients) close();
      await Promise.all(processes.map((process) => process.stop()));
      await redis.process.stop();
    },

    async assertNothingMalformed(): Promise<void> {
      for (const index of [0, 1, 2])
        for (const counter of ["trimaran_redis_malformed_total", "trimaran_outbox_dropped_total"])
          assert.ok(!((await metric(urls[index] ?? "", counter)) > 0), `${counter} on replica ${index + 1}`);
      for (const process of processes) assert.doesNotMatch(process.output(), /"level":(50|60)/);
    },
  };
}
