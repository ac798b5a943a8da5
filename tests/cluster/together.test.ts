import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { waitFor } from "../../deploy/local/process.ts";
import { metric } from "../support/operate.ts";
import { newId } from "../support/sockets.ts";
import { useMembers } from "../support/members.ts";
import { clusterView, requestsCounted, useCluster } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("three replicas on three runtimes", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { member, visible } = useMembers();
  const urls = () => cluster().replicas.map(({ url }) => url);
  const onEach = (id: string) => Promise.all(urls().map((url) => member(url, id)));

  test("are in cluster mode, and clients are told", async () => {
    const members = await onEach(newId());
    for (const { seen } of members) await waitFor("a mode event", () => seen.mode === "cluster");
    assert.deepEqual(
      members.map(({ seen }) => seen.runtime?.split(" ")[0]),
      ["node", "bun", "deno"],
    );
  });

  /** Events that were delivered before their turn, because a busy machine kept Redis. */
  async function early(): Promise<number> {
    const counts = urls().map((url) => metric(url, "trimaran_early_deliveries_total"));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Each member says forty texts at once. @returns what each member heard, in its order. */
  async function burst(): Promise<string[][]> {
    const members = await onEach(newId());
    await Promise.all(
      members.flatMap(({ say }, from) => Array.from({ length: 40 }, (_, index) => say(`${from}-${index}`))),
    );
    for (const { heard } of members) await waitFor("all is heard", () => heard.length >= 120);
    return members.map(({ heard }) => heard);
  }

  test("all members hear what is said on all replicas in one and the same order", async () => {
    // One order is promised while Redis answers in time; where it did not, that is tried again.
    const { seen } = await waitFor(
      "a burst of which nothing is delivered before its turn",
      async () => {
        const before = await early();
        const heard = await burst();
        return (await early()) === before && { seen: heard };
      },
      180_000,
    );
    const [first] = seen;
    for (const heard of seen) assert.deepEqual(heard, first);
    for (const from of [0, 1, 2]) {
      const own = first?.filter((text) => text.startsWith(`${from}-`)) ?? [];
      assert.deepEqual(
        own,
        Array.from({ length: 40 }, (_, index) => `${from}-${index}`),
        "and each sender's in the order sent",
      );
    }
  });

  test("a client that comes back on another replica gets exactly what it missed", async () => {
    const id = newId();
    const { say } = await member(urls()[0] ?? "", id);
    const away = await member(urls()[1] ?? "", id);
    for (let index = 0; index < 5; index += 1) await say(`before ${index}`);
    await waitFor("the first ones are there", () => away.heard.length === 5);
    // The same client, taken to another replica as a balancer would.
    away.socket.io.engine.close();
    const manager = away.socket.io as unknown as { uri: string };
    manager.uri = urls()[2] ?? "";
    for (let index = 0; index < 20; index += 1) await say(`while away ${index}`);
    await waitFor("it is back", () => away.socket.connected);
    assert.ok(away.socket.recovered);
    await say("after");
    await waitFor("the last one is there", () => away.heard.includes("after"));
    assert.deepEqual(away.heard, [
      ...Array.from({ length: 5 }, (_, index) => `before ${index}`),
      ...Array.from({ length: 20 }, (_, index) => `while away ${index}`),
      "after",
    ]);
    assert.match(away.seen.runtime ?? "", /deno/);
  });

  test("what is said again on another replica, under the same id, is delivered once", async () => {
    const members = await onEach(newId());
    for (const { say } of members) assert.deepEqual(await say("once", "same"), { ok: true });
    await members[2]?.say("end");
    for (const { heard } of members) {
      await waitFor("the last one is there", () => heard.includes("end"));
      assert.deepEqual(heard, ["once", "end"]);
    }
  });

  test("members see each other across replicas, who leaves, and who is there already", async () => {
    const id = newId();
    const members = await Promise.all(urls().map((url) => visible(url, id)));
    for (const [index, { awareness }] of members.entries())
      awareness.setLocalState({ user: { name: `P${index}` } });
    for (const { awareness } of members)
      await waitFor("all three are seen", () => awareness.getStates().size === 3);
    const [gone, ...rest] = members;
    gone?.socket.disconnect();
    for (const { awareness } of rest) await waitFor("one is gone", () => awareness.getStates().size === 2);
    const late = await visible(urls()[0] ?? "", id);
    for (const { awareness } of rest)
      await waitFor("the late one sees the others", () => late.awareness.getStates().has(awareness.clientID));
  });

  test("each of them lists all, with runtimes, sockets and rooms", async () => {
    const id = newId();
    await onEach(id);
    for (const url of urls()) {
      const view = await waitFor("all rooms are announced", async () => {
        const current = await clusterView(url);
        return (
          current.replicas.length === 3 && current.replicas.every(({ rooms }) => rooms[id] === 1) && current
        );
      });
      assert.deepEqual(view.replicas.map(({ runtime }) => runtime.split(" ")[0]).toSorted(), [
        "bun",
        "deno",
        "node",
      ]);
      assert.equal(view.partial, false);
    }
  });

  test("limits are counted over all of them", async () => {
    await waitFor("each counts on", async () => isDeepStrictEqual(await requestsCounted(urls()), [0, 1, 2]));
  });
});
