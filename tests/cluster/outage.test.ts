import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { newId } from "../support/sockets.ts";
import { type Person, useClients, waitForConvergence } from "../features/documents/support/clients.ts";
import { clusterView, useCluster, waitForMode } from "../support/cluster.ts";
import { metric } from "../support/server.ts";
import { insertion } from "../features/documents/support/yjs.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Commands that may be under way on a replica at the moment when Redis begins to hang. */
const maxWaiting = 3;

describe("Redis absent, appearing, killed, hanging, back", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster({ redis: false });
  const { person, socketTo } = useClients();
  const id = newId();
  const urls = () => cluster().replicas.map(({ url }) => url);
  /** How many commands waited for Redis in vain. */
  const deadlinesMissed = (url: string) => metric(url, "trimaran_redis_deadlines_missed_total");

  /** Everyone types while the replicas are apart; those on one replica see each other. */
  async function typeApart(people: Person[], letter: string): Promise<void> {
    for (const { text } of people) text.insert(text.length, letter);
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
  }

  async function onEach(documentId = id): Promise<Person[]> {
    return Promise.all(urls().map((url) => person(url, documentId)));
  }

  test("absent at start: every replica serves its clients, degraded and ready, and no event waits for Redis", async () => {
    await waitForMode(cluster(), "degraded");
    const people = await onEach();
    await typeApart(people, "a");
    for (const { seen } of people) assert.equal(seen.mode, "degraded");
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

  test("what is acknowledged meanwhile is acknowledged as local", async () => {
    const socket = socketTo(urls()[0] ?? "");
    const documentId = newId();
    await socket.emitWithAck("join-document", { documentId });
    assert.deepEqual(await socket.emitWithAck("send-changes", { documentId, update: insertion("x") }), {
      ok: true,
      stored: "local",
    });
  });

  test("appearing: all are together without a restart, and documents are equal soon", async () => {
    const people = await onEach();
    const before = people.map(({ text }) => text.toString());
    assert.deepEqual(before, ["a", "a", "a"]);
    await cluster().startRedis();
    assert.equal((await waitForConvergence(people)).length, 3);
    await waitForMode(cluster(), "cluster");
    for (const { seen, socket } of people) {
      await waitFor("clients are told", () => seen.mode === "cluster");
      assert.ok(socket.connected);
    }
    await typeApart(people, "b");
    assert.equal((await waitForConvergence(people)).length, 6);
  });

  test("killed and back with its data: people keep typing, nobody is disconnected, all is merged", async () => {
    const people = await onEach();
    const disconnects: string[] = [];
    for (const { socket } of people) socket.on("disconnect", (reason) => disconnects.push(reason));
    cluster().redis?.process.kill("SIGKILL");
    await waitForMode(cluster(), "degraded");
    for (const { seen } of people) await waitFor("clients are told", () => seen.mode === "degraded");
    await typeApart(people, "c");
    await cluster().startRedis();
    assert.equal((await waitForConvergence(people)).length, 9);
    assert.deepEqual(disconnects, []);
  });

  test("killed and back empty: the replicas bring their documents back", async () => {
    const people = await onEach();
    const before = people[0]?.text.length ?? 0;
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await typeApart(people, "d");
    await cluster().startRedis({ empty: true });
    const text = await waitForConvergence(people);
    assert.equal(text.length, before + 3);
    await waitForMode(cluster(), "cluster");
    await typeApart(people, "e");
    assert.equal((await waitForConvergence(people)).length, before + 6);
    for (const { close } of people) close();
    const fresh = await person(urls()[1] ?? "", id);
    assert.equal(fresh.text.length, before + 6);
  });

  test("messages sent while Redis is away reach everyone once, in each sender's order", async () => {
    const documentId = newId();
    const people = await onEach(documentId);
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    for (let index = 0; index < 20; index += 1) {
      await Promise.all(
        people.map(({ socket }, from) =>
          socket.emitWithAck("send-message", {
            documentId,
            id: `${from}-${index}`,
            text: `${from}-${index}`,
          }),
        ),
      );
    }
    for (const [from, { messages }] of people.entries()) {
      assert.ok(messages.every((text) => text.startsWith(`${from}-`)));
      assert.equal(messages.length, 20, "local delivery goes on");
    }
    await cluster().startRedis();
    for (const { messages } of people) {
      await waitFor("all messages are there", () => messages.length >= 60);
      for (const from of [0, 1, 2]) {
        const own = messages.filter((text) => text.startsWith(`${from}-`));
        assert.deepEqual(
          own,
          Array.from({ length: 20 }, (_, index) => `${from}-${index}`),
        );
      }
    }
    await waitForMode(cluster(), "cluster");
  });

  test("hanging: local work goes on, and after one missed deadline no event waits for Redis", async () => {
    const people = await onEach();
    const neighbour = await person(urls()[0] ?? "", id);
    const [ada] = people;
    assert.ok(ada);
    const before = await Promise.all(urls().map(deadlinesMissed));
    cluster().redis?.process.kill("SIGSTOP");
    for (let index = 0; index < 30; index += 1) {
      const reply = await ada.socket.emitWithAck("send-message", {
        documentId: id,
        id: `hang-${index}`,
        text: String(index),
      });
      assert.ok(reply.ok);
    }
    await waitFor("the neighbour has all messages", () => neighbour.messages.length >= 30);
    assert.deepEqual(
      neighbour.messages,
      Array.from({ length: 30 }, (_, index) => String(index)),
    );
    await waitForMode(cluster(), "degraded");
    await typeApart(people, "f");
    const waited = (await Promise.all(urls().map(deadlinesMissed))).map((sum, at) => sum - (before[at] ?? 0));
    // Of many events on each replica: what was under way when Redis began to hang.
    for (const commands of waited) assert.ok(commands <= maxWaiting, `${waited} commands waited`);
    cluster().redis?.process.kill("SIGCONT");
    await waitForConvergence(people);
    await waitForMode(cluster(), "cluster");
  });

  test("a replica killed while Redis is away has its journal when it is back", async () => {
    const documentId = newId();
    const ada = await person(urls()[1] ?? "", documentId);
    ada.text.insert(0, "shared ");
    await ada.provider.whenSaved();
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    ada.text.insert(7, "local");
    await ada.provider.whenSaved();
    cluster().replicas[1]?.process.kill("SIGKILL");
    ada.close();
    await cluster().replicas[1]?.process.exited;
    await cluster().restartReplica(1);
    const bob = await person(urls()[1] ?? "", documentId);
    assert.equal(bob.text.toString(), "shared local");
    const elsewhere = await person(urls()[0] ?? "", documentId);
    await cluster().startRedis();
    assert.equal(await waitForConvergence([bob, elsewhere]), "shared local");
  });

  test("no replica exited that was not killed", () => {
    for (const { process } of cluster().replicas) assert.ok(process.isRunning(), process.output());
  });
});
