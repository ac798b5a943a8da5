import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { useCluster, waitForMode } from "../../../support/cluster.ts";
import { newId } from "../../../support/sockets.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { type Person, useClients, waitForConvergence } from "../support/clients.ts";
import { insertion } from "../support/yjs.ts";

describe("documents while Redis is absent, killed, hanging and back", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster({ redis: false });
  const { person, socketTo } = useClients();
  const id = newId();
  const urls = () => cluster().replicas.map(({ url }) => url);
  const onEach = () => Promise.all(urls().map((url) => person(url, id)));

  /** All type while the replicas are apart; those on one replica see each other. */
  async function typeApart(people: Person[], letter: string): Promise<void> {
    for (const { text } of people) text.insert(text.length, letter);
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
  }

  test("absent at start: what is acknowledged is acknowledged as local", async () => {
    await waitForMode(cluster(), "degraded");
    await typeApart(await onEach(), "a");
    const socket = socketTo(urls()[0] ?? "");
    const documentId = newId();
    await socket.emitWithAck("join-document", { documentId });
    assert.deepEqual(await socket.emitWithAck("send-changes", { documentId, update: insertion("x") }), {
      ok: true,
      stored: "local",
    });
  });

  test("appearing: documents are equal soon, without a restart", async () => {
    const people = await onEach();
    assert.deepEqual(
      people.map(({ text }) => text.toString()),
      ["a", "a", "a"],
    );
    await cluster().startRedis();
    assert.equal((await waitForConvergence(people)).length, 3);
    await waitForMode(cluster(), "cluster");
    await typeApart(people, "b");
    assert.equal((await waitForConvergence(people)).length, 6);
  });

  test("killed and back with its data: users keep typing, and all is merged", async () => {
    const people = await onEach();
    cluster().redis?.process.kill("SIGKILL");
    await waitForMode(cluster(), "degraded");
    await typeApart(people, "c");
    await cluster().startRedis();
    assert.equal((await waitForConvergence(people)).length, 9);
    assert.ok(people.every(({ socket }) => socket.connected));
  });

  test("killed and back empty: the replicas bring their documents back", async () => {
    const people = await onEach();
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await typeApart(people, "d");
    await cluster().startRedis({ empty: true });
    assert.equal((await waitForConvergence(people)).length, 12);
    await waitForMode(cluster(), "cluster");
    await typeApart(people, "e");
    assert.equal((await waitForConvergence(people)).length, 15);
    for (const { close } of people) close();
    const fresh = await person(urls()[1] ?? "", id);
    assert.equal(fresh.text.length, 15);
  });

  test("hanging: users keep typing, and all is merged", async () => {
    const people = await onEach();
    cluster().redis?.process.kill("SIGSTOP");
    await typeApart(people, "f");
    await waitForMode(cluster(), "degraded");
    await typeApart(people, "g");
    cluster().redis?.process.kill("SIGCONT");
    assert.equal((await waitForConvergence(people)).length, 21);
    await waitForMode(cluster(), "cluster");
  });

  test("a replica killed while Redis is down has its journal when Redis is back", async () => {
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
});
