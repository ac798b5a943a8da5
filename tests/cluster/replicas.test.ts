import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "redis";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { createReplicas } from "../../src/platform/redis/replicas.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("the list of replicas", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  let redis: LocalRedis | undefined;
  let client: ReturnType<typeof createClient> | undefined;

  before(async () => {
    redis = await startRedis({ dir: folder });
    client = createClient({ url: redis.url });
    client.on("error", () => undefined);
    await client.connect();
  });
  after(async () => {
    client?.destroy();
    await redis?.process.stop();
  });

  test("a replica that has left is not listed again by a probe that comes after", async () => {
    const connected = client as never;
    const link = { run: (task: (client: never) => unknown) => Promise.resolve(task(connected)) } as never;
    const replicas = createReplicas("test:", () => undefined);
    replicas.startAs(() => ({ nodeId: "1", runtime: "node", mode: "cluster", sockets: 0, rooms: {} }));
    await replicas.announce(connected);
    assert.equal(await client?.sCard("test:replicas"), 1);
    const leaving = replicas.withdraw(link);
    await replicas.announce(connected);
    await leaving;
    assert.equal(await client?.sCard("test:replicas"), 0);
  });
});
