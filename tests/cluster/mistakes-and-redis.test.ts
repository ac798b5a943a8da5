import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pino } from "pino";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type RedisLink, createLink } from "../../src/platform/redis/connection-supervisor.ts";
import { createRedisSessions } from "../../src/platform/redis/sessions.ts";
import { temporaryFolder } from "../support/folder.ts";
import { cycle } from "../support/hostile-values.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("mistakes of this program and a healthy Redis", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const lines: { level: number; msg: string; err?: { message: string; stack: string } }[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const changes: boolean[] = [];
  let deadlinesMissed = 0;
  let probes = 0;
  let isProbeBroken = false;
  let redis: LocalRedis;
  let link: RedisLink;

  before(async () => {
    redis = await startRedis({ dir: folder });
    link = createLink({
      address: { kind: "node", url: redis.url },
      log,
      key: "x",
      onDeadlineMissed: () => (deadlinesMissed += 1),
      probe(client) {
        probes += 1;
        if (isProbeBroken) throw new TypeError("of the probe");
        return client.set("probed", "1");
      },
    });
    link.onChange((up) => changes.push(up));
    await link.start();
    assert.deepEqual(changes.splice(0), [true]);
  });
  after(async () => {
    link?.close();
    await redis?.process.stop();
  });

  test("in work for Redis they are logged with their stack and go to the caller", async () => {
    const failing = (mistake: Error) => [
      () => Promise.reject(mistake),
      () => {
        throw mistake;
      },
    ];
    for (const work of [...failing(new TypeError("of the work")), ...failing(new Error("of the app"))])
      await assert.rejects(link.run(work), /^(Type)?Error: of the/);
    // node-redis itself refuses what is no string.
    await assert.rejects(
      link.run((client) => client.set("key", {} as string)),
      TypeError,
    );
    assert.equal(lines.length, 5);
    for (const { level, err } of lines.splice(0)) {
      assert.equal(level, 50);
      assert.match(err?.stack ?? "", /\n {4}at /);
    }
    assert.deepEqual([changes, deadlinesMissed, link.isUp()], [[], 0, true]);
    assert.equal(await link.run((client) => client.ping()), "PONG");
  });

  test("in the check of Redis they are logged, and Redis is asked in another way", async () => {
    isProbeBroken = true;
    const before = probes;
    await waitFor("it was checked again", () => probes >= before + 3);
    isProbeBroken = false;
    assert.deepEqual(changes, []);
    assert.ok(lines.length >= 2);
    for (const { level, err } of lines.splice(0))
      assert.deepEqual([level, err?.message], [50, "of the probe"]);
  });

  test("a session that can't be kept is none: the client starts over, and the log says why once", async () => {
    const sessions = createRedisSessions({
      link,
      prefix: "",
      ttlMs: 60_000,
      answersSoon: async () => true,
      onMalformed: () => assert.fail("nothing in Redis is malformed"),
      log,
    });
    const session = { sid: "sid", rooms: ["", "room"], data: { name: "ada" } };
    assert.equal(await sessions.save("pid", session), true);
    assert.deepEqual(await sessions.load("pid"), session);
    for (const timer of [cycle(), 1n, () => {}])
      assert.equal(await sessions.save("pid", { ...session, data: { name: "ada", timer } }), true);
    assert.equal(await sessions.load("pid"), undefined, "not what it was before");
    assert.deepEqual(
      lines.splice(0).map((line) => (line as unknown as { key: string }).key),
      ["timer.self", "timer"],
    );
    assert.deepEqual([changes, deadlinesMissed, link.isUp()], [[], 0, true]);
  });

  test("a listener that throws keeps nothing from the others, nor the link from noticing that Redis is down", async () => {
    const stop = link.onChange(() => {
      throw new TypeError("of a listener");
    });
    const heard: boolean[] = [];
    link.onChange((up) => heard.push(up));
    redis.process.kill("SIGSTOP");
    await waitFor("it is down", () => !link.isUp());
    redis.process.kill("SIGCONT");
    await waitFor("it is up", () => link.isUp());
    stop();
    assert.deepEqual(heard, [false, true]);
    const mistakes = lines.splice(0).filter(({ level }) => level === 50);
    assert.deepEqual(
      mistakes.map(({ err }) => err?.message),
      ["of a listener", "of a listener"],
    );
  });
});
