import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { encode } from "@msgpack/msgpack";
import { createClient } from "redis";
import { waitFor } from "../../deploy/local/process.ts";
import { startReplica } from "../../deploy/local/replica.ts";
import { cpuSeconds } from "../faults/measure.ts";
import { createRandom } from "../faults/random.ts";
import { newId, useClients, waitForConvergence } from "../support/clients.ts";
import { clusterView, useCluster, waitForMode } from "../support/cluster.ts";
import { temporaryFolder } from "../support/folder.ts";
import { metric } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const prefix = "trimaran:";
const seed = Number(process.env["SEED"] ?? 20_261_125);
const rounds = 200;

/** What somebody else, another version or a broken disk could have left in the place of a value. */
function garbage(random: () => number): string | Buffer {
  const pick = Math.floor(random() * 10);
  const deep = "[".repeat(5000);
  return (
    [
      "",
      "{",
      "null",
      "[]",
      "{}",
      `{"packet":{"type":2,"data":["mode"]},"opts":{"rooms":"all","except":[]}}`,
      `{"packet":7,"opts":{"rooms":[],"except":[]}}`,
      `{"__proto__":{"rooms":[]},"packet":{"type":9,"data":"x"}}`,
      deep,
    ][pick] ?? randomBytes(1 + Math.floor(random() * 300))
  );
}

describe("garbage in Redis", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { person } = useClients();
  const folder = temporaryFolder();

  test("in the stream, the channels and the keys: dropped and counted, and nobody loses anything", async () => {
    console.log(`seed ${seed}`);
    const { between, pick } = createRandom(seed);
    const random = () => between(0, 1);
    const redis = await createClient({ url: `redis://127.0.0.1:${cluster().redisPort}` }).connect();
    const id = newId();
    const people = await Promise.all(cluster().replicas.map(({ url }) => person(url, id)));
    const uids = ["stranger", ""];
    let resyncs = 0;
    for (const { socket } of people) socket.on("resync", () => (resyncs += 1));
    const cpuBefore = cluster().replicas.map(({ process }) => cpuSeconds(process.pid));
    const startedAt = performance.now();

    for (let round = 0; round < rounds; round += 1) {
      const fields: Record<string, string | Buffer> = {
        [pick(["x", "uid", "batch", "data"])]: garbage(random),
      };
      if (random() < 0.7) fields["uid"] = pick(uids);
      if (random() < 0.7) fields["nsp"] = pick(["/", "/other", "x"]);
      if (random() < 0.7) fields["type"] = pick(["3", "4", "5", "6", "7", "8", "9", "-1", "x"]);
      if (random() < 0.5) fields["sequence"] = pick(["", "-5", "x", "1e9", "9007199254740993"]);
      if (random() < 0.5) fields[pick(["data", "batch", "count", "struck", "gap"])] = garbage(random);
      await redis.xAdd(`${prefix}events`, "*", fields);
      const numbered = {
        uid: `stranger ${round}`,
        nsp: "/",
        type: "3",
        sequence: "1",
        data: garbage(random),
      };
      await redis.xAdd(`${prefix}events`, "*", numbered);
      const message = { uid: "x", nsp: "/", type: Math.floor(random() * 14), data: { opts: 7, packet: [] } };
      const payload = random() < 0.5 ? Buffer.from(encode(message)) : Buffer.from(garbage(random));
      await redis.publish(`${prefix}events#/#`, payload as unknown as string);
      people[round % 3]?.text.insert(0, "x");
      if (round % 20 === 0) {
        const payloadOfMessage = { documentId: id, id: String(round), text: String(round) };
        const reply = await people[round % 3]?.socket.emitWithAck("send-message", payloadOfMessage);
        assert.equal(reply?.ok, true);
      }
    }
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    assert.equal((await waitForConvergence(people)).length, rounds);
    const sent = Array.from({ length: rounds / 20 }, (_, index) => String(index * 20));
    await waitFor("all messages are everywhere", () =>
      people.every(({ messages }) => messages.length >= sent.length),
    );
    for (const { messages } of people) assert.deepEqual(messages, sent, "once, in order");
    assert.equal(resyncs, 0, "nobody is told to start over because of what no replica sent");

    const seconds = (performance.now() - startedAt) / 1000;
    for (const [index, { process, url }] of cluster().replicas.entries()) {
      assert.ok(process.isRunning());
      assert.ok((await metric(url, "trimaran_redis_malformed_total", { source: "stream" })) > 0);
      assert.ok((await metric(url, "trimaran_redis_malformed_total", { source: "pubsub" })) > 0);
      const warnings = process.output().match(/is malformed, and was dropped/g)?.length ?? 0;
      assert.ok(warnings <= 2 + seconds / 5, `${warnings} lines in the log`);
      const cpu = ((cpuSeconds(process.pid) ?? 0) - (cpuBefore[index] ?? 0)) / seconds;
      assert.ok(cpu < 0.9, `${Math.round(cpu * 100)} % of a core`);
    }
    await waitForMode(cluster(), "cluster");
    await redis.close();
  });

  test("in a document's log and snapshot: it is opened without them, and they stay", async () => {
    const redis = await createClient({ url: `redis://127.0.0.1:${cluster().redisPort}` }).connect();
    const id = newId();
    const url = (index: number) => cluster().replicas[index]?.url ?? "";
    const ada = await person(url(0), id);
    ada.text.insert(0, "sound");
    await ada.provider.whenSaved();
    const log = `${prefix}doc:{${id}}:log`;
    for (const value of ["", "garbage", "\u0001\u0002\u0003"]) await redis.xAdd(log, "*", { u: value });
    await redis.xAdd(log, "*", { other: "x" });
    const bob = await person(url(1), id);
    assert.equal(bob.text.toString(), "sound");
    bob.text.insert(5, " and well");
    await bob.provider.whenSaved();
    assert.equal(await waitForConvergence([ada, bob]), "sound and well");
    const response = await fetch(`${url(2)}/api/documents/${id}`, {
      headers: { accept: "application/json" },
    });
    assert.equal(response.status, 200);
    assert.ok((await response.text()).includes("sound and well"));
    assert.ok((await metric(url(1), "trimaran_redis_malformed_total", { source: "document" })) > 0);
    assert.ok((await redis.xLen(log)) >= 6, "nothing was thrown away");
    const broken = newId();
    await redis.hSet(`${prefix}doc:{${broken}}:snapshot`, { through: "x", update: "garbage" });
    const carl = await person(url(2), broken);
    carl.text.insert(0, "new");
    await carl.provider.whenSaved();
    await redis.close();
  });

  test("keys of another kind: limits, sessions and replicas go on", async () => {
    const redis = await createClient({ url: `redis://127.0.0.1:${cluster().redisPort}` }).connect();
    const id = newId();
    const ada = await person(cluster().replicas[0]?.url ?? "", id);
    for (const key of await redis.keys(`${prefix}session:*`)) await redis.set(key, `{"sid":7,"rooms":"all"}`);
    await redis.sAdd(`${prefix}replicas`, ["stranger", ""]);
    await redis.set(`${prefix}replica:stranger`, `{"nodeId":7}`);
    await redis.hSet(`${prefix}revocations`, { x: "garbage", y: "{}" });
    await redis.incr(`${prefix}revocations:count`);
    ada.socket.io.engine.close();
    await waitFor("she is back", () => ada.provider.synced && ada.socket.connected);
    ada.text.insert(0, "x");
    await ada.provider.whenSaved();
    const { replicas } = await clusterView(cluster().replicas[1]?.url ?? "");
    assert.equal(replicas.length, 3);
    await redis.close();
  });

  test("another deployment on the same Redis, with a prefix of its own, is another world", async () => {
    const id = newId();
    const other = await startReplica({
      runtime: "node",
      env: {
        REDIS_URL: `redis://127.0.0.1:${cluster().redisPort}`,
        REDIS_PREFIX: "other:",
        DATA_FILE: `${folder}/other.sqlite`,
        DRAIN_MS: "0",
      },
    });
    const here = await person(cluster().replicas[0]?.url ?? "", id);
    const there = await person(other.url, id);
    here.text.insert(0, "here");
    there.text.insert(0, "there");
    await Promise.all([here.provider.whenSaved(), there.provider.whenSaved()]);
    await here.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "here" });
    await there.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "there" });
    await waitFor("each hears itself", () => here.messages.length === 1 && there.messages.length === 1);
    assert.deepEqual([here.messages, there.messages], [["here"], ["there"]]);
    assert.deepEqual([here.text.toString(), there.text.toString()], ["here", "there"]);
    assert.equal((await clusterView(other.url)).replicas.length, 1);
    assert.equal((await clusterView(cluster().replicas[0]?.url ?? "")).replicas.length, 3);
    await other.process.stop();
  });
});
