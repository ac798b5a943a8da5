import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "redis";
import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import { createRandom } from "../../../support/random.ts";
import { useCluster, waitForMode } from "../../../support/cluster.ts";
import { bytes, json } from "../../../support/garbage.ts";
import { metric } from "../../../support/server.ts";
import { newId } from "../../../support/sockets.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { useClients, waitForConvergence } from "../support/clients.ts";

const seed = Number(process.env["GARBAGE_SEED"] ?? 20261125);
const rounds = 60;

describe(`garbage at a document's keys in Redis, seed ${seed}`, { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { person } = useClients();
  const urls = () => cluster().replicas.map(({ url }) => url);
  const onEach = (id: string) => Promise.all(urls().map((url) => person(url, id)));
  const random = createRandom(seed);
  let redis: ReturnType<typeof createClient> | undefined;
  const command = async (...args: (string | Buffer)[]): Promise<unknown> => redis?.sendCommand(args);
  const keyOf = (id: string, part: string) => `trimaran:doc:{${id}}:${part}`;

  before(async () => {
    redis = createClient({ url: cluster().redis?.url ?? "" });
    // It outlives its last test by a moment.
    redis.on("error", () => undefined);
    await redis.connect();
  });
  after(() => redis?.destroy());

  test("users type while it is strewn, and nothing is lost", async () => {
    const id = newId();
    const people = await onEach(id);
    const disconnects: string[] = [];
    for (const { socket } of people) socket.on("disconnect", (reason) => disconnects.push(reason));
    for (let round = 0; round < rounds; round += 1) {
      const pieces = Array.from({ length: 4 }, () =>
        command("XADD", keyOf(id, "log"), "*", random.pick(["u", "v"]), bytes(random)),
      );
      for (const [from, { text }] of people.entries()) text.insert(text.length, String(from));
      const lock = random.pick([["SET"], ["HSET", "field"]]);
      // Where other garbage lies already, some of it does not fit.
      const locking = command(lock[0] ?? "", keyOf(id, "lock"), ...lock.slice(1), json(random)).catch(
        () => 0,
      );
      await Promise.all([...pieces, locking]);
      await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    }
    assert.equal((await waitForConvergence(people)).length, rounds * 3);
    const late = await person(urls()[1] ?? "", id);
    assert.equal(late.text.length, rounds * 3, "joining a document with garbage in its log");
    await waitForMode(cluster(), "cluster");
    assert.deepEqual(disconnects, []);
    // A replica that reads the document anew finds what is in its log.
    const counts = urls().map((url) => metric(url, "trimaran_redis_malformed_total", { source: "document" }));
    assert.ok((await Promise.all(counts)).some((count) => count > 0));
  });

  test("something else in the place of a document: nothing is lost, all goes on", async () => {
    const id = newId();
    const people = await onEach(id);
    people[0]?.text.insert(0, "kept");
    await waitForConvergence(people);
    for (const part of ["log", "snapshot"]) await command("SET", keyOf(id, part), "something else");
    for (const { text } of people) text.insert(text.length, "+");
    assert.equal(await waitForConvergence(people), "kept+++");
    for (const { close } of people) close();
    const late = await waitFor("the whole document is in Redis again", async () => {
      const each = await person(urls()[2] ?? "", id);
      return each.text.toString() === "kept+++" || each.close();
    });
    assert.ok(late);
    await waitForMode(cluster(), "cluster");
  });

  test("bytes that are no update are set aside when the log is merged, and logged once", async () => {
    const id = newId();
    const log = keyOf(id, "log");
    const doc = new Y.Doc();
    doc.getText("content").insert(0, "sound");
    await command("XADD", log, "*", "u", Buffer.from([1, 200, 255]));
    await command("XADD", log, "*", "u", Buffer.from(Y.encodeStateAsUpdate(doc)));
    const ada = await person(urls()[0] ?? "", id);
    assert.equal(ada.text.toString(), "sound");
    for (let index = 0; index < 30; index += 1) {
      ada.text.insert(0, "x");
      await ada.provider.whenSaved();
    }
    ada.close();
    await waitFor("it is set aside", async () => {
      if (Number(await command("XLEN", keyOf(id, "malformed"))) > 0) return true;
      // Merging is tried once whenever the last member leaves, and may miss its deadline on a busy machine.
      (await person(urls()[0] ?? "", id)).close();
      return false;
    });
    const bob = await person(urls()[1] ?? "", id);
    assert.equal(bob.text.length, 35);
    const logged = (cluster().replicas[0]?.process.output().split(id).length ?? 1) - 1;
    assert.ok(logged <= 1, `logged ${logged} times`);
  });

  test("the log of each replica stays short", () => {
    for (const { process } of cluster().replicas) {
      assert.ok(process.isRunning(), process.output());
      const lines = process.output().split("\n");
      assert.ok(lines.length < 100, `${lines.length} lines\n${process.output()}`);
    }
  });
});
