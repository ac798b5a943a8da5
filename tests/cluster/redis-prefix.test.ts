import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Replica, startReplica } from "../../deploy/local/replica.ts";
import { newId, useClients, waitForConvergence } from "../support/clients.ts";
import { clusterView, requestsCounted } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("two deployments with prefixes of their own on one Redis", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { person } = useClients();
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

  test("share neither documents nor messages nor who is there", async () => {
    const id = newId();
    const [ada, bob, eve] = await Promise.all(replicas.map(({ url }) => person(url, id)));
    assert.ok(ada && bob && eve);
    eve.text.insert(0, "theirs");
    ada.text.insert(0, "ours");
    ada.provider.awareness.setLocalState({ user: { name: "Ada" } });
    // The same id, which is published once by each deployment.
    for (const [{ socket }, text] of [[ada, "ours"] as const, [eve, "theirs"] as const])
      await socket.emitWithAck("send-message", { documentId: id, id: "same", text });
    assert.equal(await waitForConvergence([ada, bob]), "ours");
    await waitFor("Bob sees Ada", () => bob.provider.awareness.getStates().has(ada.doc.clientID));
    for (const each of [ada, bob, eve]) await waitFor("the message is there", () => each.messages.length > 0);
    const seen = [ada, bob, eve].map(({ messages, text }) => [messages, text.toString()]);
    assert.deepEqual(seen, [
      [["ours"], "ours"],
      [["ours"], "ours"],
      [["theirs"], "theirs"],
    ]);
    assert.ok(!eve.provider.awareness.getStates().has(ada.doc.clientID));
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
