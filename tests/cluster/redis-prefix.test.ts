import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Replica, startReplica } from "../../deploy/local/replica.ts";
import { newId } from "../support/sockets.ts";
import { useLoads } from "../support/loads.ts";
import { useMembers } from "../support/members.ts";
import { clusterView, requestsCounted } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { entryWithTalk } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("two deployments with prefixes of their own on one Redis", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { visible } = useMembers();
  const startLoads = useLoads();
  let redis: LocalRedis | undefined;
  let replicas: Replica[] = [];

  before(async () => {
    const { url } = (redis = await startRedis({ dir: folder }));
    // One name begins with the other.
    const deployments = ["one:", "one:", "one:two:"];
    replicas = await Promise.all(
      deployments.map((prefix, index) =>
        startReplica({
          runtime: "node",
          entry: entryWithTalk,
          env: {
            REDIS_URL: url,
            REDIS_PREFIX: prefix,
            NODE_ID: `${prefix}${index}`,
            DATA_FILE: join(folder, `${index}.sqlite`),
            DRAIN_MS: "0",
          },
        }),
      ),
    );
  });
  after(async () => {
    await Promise.all(replicas.map(({ process }) => process.stop()));
    await redis?.process.stop();
  });

  test("share neither what features keep nor what members say nor who is there", async () => {
    const id = newId();
    const [ada, bob, eve] = await Promise.all(replicas.map(({ url }) => visible(url, id)));
    assert.ok(ada && bob && eve);
    const loads = await Promise.all(
      [replicas.slice(0, 2), replicas.slice(2)].map((deployment) =>
        startLoads(
          deployment.map(({ url }) => url),
          id,
        ),
      ),
    );
    ada.awareness.setLocalState({ user: { name: "Ada" } });
    // The same id, which is published once by each deployment.
    for (const [{ say }, text] of [[ada, "ours"] as const, [eve, "theirs"] as const]) await say(text, "same");
    await waitFor("Bob sees Ada", () => bob.awareness.getStates().has(ada.awareness.clientID));
    for (const { end } of loads) await end();
    for (const each of [ada, bob, eve]) await waitFor("it is heard", () => each.heard.length > 0);
    assert.deepEqual([ada.heard, bob.heard, eve.heard], [["ours"], ["ours"], ["theirs"]]);
    assert.ok(!eve.awareness.getStates().has(ada.awareness.clientID));
  });

  test("share neither replicas nor limits", async () => {
    const urls = replicas.map(({ url }) => url);
    await waitFor("each lists those of its deployment", async () => {
      const views = await Promise.all(urls.map(clusterView));
      const lists = views.map((view) => view.replicas.map(({ nodeId }) => nodeId));
      return isDeepStrictEqual(lists, [["one:0", "one:1"], ["one:0", "one:1"], ["one:two:2"]]);
    });
    await waitFor("limits are counted for each deployment", async () =>
      isDeepStrictEqual(await requestsCounted(urls), [0, 1, 0]),
    );
  });
});
