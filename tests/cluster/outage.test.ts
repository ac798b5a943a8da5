import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { clusterView, useCluster, waitForMode } from "../support/cluster.ts";
import { type Member, useMembers } from "../support/members.ts";
import { metric } from "../support/server.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Commands that may be under way on a replica at the moment when Redis begins to hang. */
const maxWaiting = 3;

describe("Redis absent, appearing, killed, hanging, back", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster({ redis: false });
  const { member } = useMembers();
  const urls = () => cluster().replicas.map(({ url }) => url);
  /** How many commands waited for Redis in vain. */
  const deadlinesMissed = (url: string) => metric(url, "trimaran_redis_deadlines_missed_total");
  const onEach = (room = newId()) => Promise.all(urls().map((url) => member(url, room)));
  const textsOf = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `${from}-${index}`);

  /** Each says something while the replicas are apart, and hears it. */
  async function sayApart(members: Member[], text: string): Promise<void> {
    for (const [from, { say, heard }] of members.entries()) {
      assert.deepEqual(await say(`${text}-${from}`), { ok: true });
      await waitFor("it is heard on its own replica", () => heard.includes(`${text}-${from}`));
    }
  }

  /** All have heard what each of them said, once. */
  async function allHeard(members: Member[], ...texts: string[]): Promise<void> {
    const all = texts.flatMap((text) => members.map((_, from) => `${text}-${from}`)).toSorted();
    for (const { heard } of members) {
      await waitFor("all is heard", () => heard.length >= all.length);
      assert.deepEqual(heard.toSorted(), all);
    }
  }

  test("absent at start: every replica serves its clients, degraded and ready, and no event waits for Redis", async () => {
    await waitForMode(cluster(), "degraded");
    const members = await onEach();
    await sayApart(members, "a");
    for (const { seen } of members) assert.equal(seen.mode, "degraded");
    for (const { url, process } of cluster().replicas) {
      assert.equal(await deadlinesMissed(url), 0);
      const response = await fetch(`${url}/readyz`);
      assert.equal(response.status, 200);
      const { redis } = (await response.json()) as { redis: object };
      assert.deepEqual(redis, { configured: true, up: false }, "no address, and no error's text");
      const reason = /"reason":"[^"]*(ECONNREFUSED|no answer|offline|connect)/i;
      await waitFor("the log has the reason", () => reason.test(process.output()));
      assert.equal((await clusterView(url)).partial, true);
    }
  });

  test("appearing: the replicas are together without a restart, and members hear what was said before", async () => {
    const members = await onEach();
    await sayApart(members, "a");
    for (const { heard } of members) assert.equal(heard.length, 1);
    await cluster().startRedis();
    await allHeard(members, "a");
    await waitForMode(cluster(), "cluster");
    for (const { seen, socket } of members) {
      await waitFor("clients are told", () => seen.mode === "cluster");
      assert.ok(socket.connected);
    }
    await sayApart(members, "b");
    await allHeard(members, "a", "b");
  });

  for (const empty of [false, true])
    test(`killed and back ${empty ? "empty" : "with its data"}: no client is disconnected, all hear all`, async () => {
      const members = await onEach();
      const disconnects: string[] = [];
      for (const { socket } of members) socket.on("disconnect", (reason) => disconnects.push(reason));
      cluster().redis?.process.kill("SIGKILL");
      await waitForMode(cluster(), "degraded");
      for (const { seen } of members) await waitFor("clients are told", () => seen.mode === "degraded");
      await sayApart(members, "c");
      await cluster().startRedis({ empty });
      await allHeard(members, "c");
      await waitForMode(cluster(), "cluster");
      await sayApart(members, "d");
      await allHeard(members, "c", "d");
      assert.deepEqual(disconnects, []);
    });

  test("what is said while Redis is down reaches all members once, in each sender's order", async () => {
    const members = await onEach();
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    for (let index = 0; index < 20; index += 1)
      await Promise.all(members.map(({ say }, from) => say(`${from}-${index}`)));
    for (const [from, { heard }] of members.entries()) {
      await waitFor("local delivery goes on", () => heard.length >= 20);
      assert.deepEqual(heard, textsOf(from, 20));
    }
    await cluster().startRedis();
    for (const { heard } of members) {
      await waitFor("all is heard", () => heard.length >= 60);
      assert.equal(heard.length, 60);
      for (const from of [0, 1, 2])
        assert.deepEqual(
          heard.filter((text) => text.startsWith(`${from}-`)),
          textsOf(from, 20),
        );
    }
    await waitForMode(cluster(), "cluster");
  });

  test("hanging: local work goes on, and after one missed deadline no event waits for Redis", async () => {
    const room = newId();
    const members = await onEach(room);
    const neighbour = await member(urls()[0] ?? "", room);
    const before = await Promise.all(urls().map(deadlinesMissed));
    cluster().redis?.process.kill("SIGSTOP");
    for (const text of textsOf(0, 30)) assert.deepEqual(await members[0]?.say(text), { ok: true });
    await waitFor("the neighbour hears all of it", () => neighbour.heard.length >= 30);
    assert.deepEqual(neighbour.heard, textsOf(0, 30));
    await waitForMode(cluster(), "degraded");
    await sayApart(members, "f");
    const waited = (await Promise.all(urls().map(deadlinesMissed))).map((sum, at) => sum - (before[at] ?? 0));
    // Of many events on each replica: what was under way when Redis began to hang.
    for (const commands of waited) assert.ok(commands <= maxWaiting, `${waited} commands waited`);
    cluster().redis?.process.kill("SIGCONT");
    for (const { heard } of [...members, neighbour]) await waitFor("all is heard", () => heard.length >= 33);
    await waitForMode(cluster(), "cluster");
  });

  test("a replica killed while Redis is down publishes its outbox when Redis is back", async () => {
    const room = newId();
    const ada = await member(urls()[1] ?? "", room);
    const bob = await member(urls()[0] ?? "", room);
    await ada.say("shared");
    await waitFor("Bob hears it", () => bob.heard.length === 1);
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    assert.deepEqual(await ada.say("local"), { ok: true });
    cluster().replicas[1]?.process.kill("SIGKILL");
    ada.close();
    await cluster().replicas[1]?.process.exited;
    await cluster().restartReplica(1);
    await cluster().startRedis();
    await waitFor("Bob hears the rest", () => bob.heard.length >= 2);
    assert.deepEqual(bob.heard, ["shared", "local"]);
  });

  test("no replica exited that was not killed", () => {
    for (const { process } of cluster().replicas) assert.ok(process.isRunning(), process.output());
  });
});
