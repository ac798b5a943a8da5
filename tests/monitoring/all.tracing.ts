import assert from "node:assert/strict";
import { once } from "node:events";
import { type Socket, createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { type Replica, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { modeOf, redisCli } from "../support/operate.ts";
import { newId } from "../support/sockets.ts";
import { type Member, useMembers } from "../support/members.ts";
import { type Collector, type Span, startCollector } from "../support/collector.ts";
import { temporaryFolder } from "../support/folder.ts";
import { entryWithTalk } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("tracing", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { member } = useMembers();
  let redis: LocalRedis;
  let collector: Collector;
  let traced: Replica[] = [];
  let untraced: Replica | undefined;

  const replica = (runtime: (typeof runtimes)[number], name: string, env: Record<string, string>) =>
    startReplica({
      runtime,
      entry: entryWithTalk,
      env: {
        REDIS_URL: redis.url,
        NODE_ID: name,
        DATA_FILE: join(folder, `${name}.sqlite`),
        DRAIN_MS: "0",
        LOG_LEVEL: "debug",
        ...env,
      },
    });

  before(async () => {
    redis = await startRedis({ dir: folder });
    collector = await startCollector();
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
      // A replica that waited for its collector when it stops would be running when the test gives up.
      OTEL_BSP_EXPORT_TIMEOUT: "600000",
      OTEL_EXPORTER_OTLP_TIMEOUT: "600000",
    };
    traced = await Promise.all(runtimes.map((runtime) => replica(runtime, runtime, env)));
    for (const { url } of traced)
      await waitFor("cluster mode", async () => (await modeOf(url)) === "cluster");
  });
  after(async () => {
    await Promise.all([...traced, ...(untraced ? [untraced] : [])].map(({ process }) => process.stop()));
    await redis?.process.stop();
    await collector?.stop();
  });

  /** Each says something, and all have heard `count` in all. */
  async function sayAll(members: readonly Member[], text: string, count = members.length): Promise<void> {
    for (const { say } of members) assert.deepEqual(await say(text), { ok: true });
    for (const { heard } of members) await waitFor("all is heard", () => heard.length >= count);
  }

  for (const [index, runtime] of runtimes.entries()) {
    test(`one trace follows an event from ${runtime} to the replicas on the others`, async () => {
      const documentId = newId();
      const members = await Promise.all(traced.map(({ url }) => member(url, documentId)));
      await members[index]?.say(`Hello from ${runtime}`);
      const ofEvent = (span: Span) =>
        span.name === "say" && span.attributes["trimaran.document.id"] === documentId;
      const root = await waitFor("the event's span is there", () => collector.spans.find(ofEvent), 60_000);
      const trace = () => collector.spans.filter(({ traceId }) => traceId === root.traceId);
      await waitFor(
        "all replicas delivered",
        () => trace().filter(({ name }) => name === "deliver said").length === 3,
        60_000,
      );
      const publish = trace().find(({ name }) => name === "publish said");
      assert.equal(root.instance, runtime);
      assert.equal(root.parentSpanId, undefined);
      assert.ok(publish);
      assert.equal(publish.parentSpanId, root.spanId);
      const delivered = trace().filter(({ name }) => name === "deliver said");
      assert.deepEqual(delivered.map(({ instance }) => instance).toSorted(), [...runtimes].toSorted());
      for (const { parentSpanId } of delivered) assert.equal(parentSpanId, publish.spanId);
    });

    test(`requests to ${runtime} are part of their caller's trace`, async () => {
      const url = traced[index]?.url ?? "";
      const traceId = crypto.randomUUID().replaceAll("-", "");
      const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
      assert.equal((await fetch(`${url}/api/cluster`, { headers })).status, 200);
      const span = await waitFor("its span is there", () =>
        collector.spans.find((each) => each.traceId === traceId),
      );
      assert.match(span.name, /^GET \/api/);
      assert.equal(span.parentSpanId, "00f067aa0ba902b7");
      for (const wrong of ["", "nonsense", "00-0-0-0", "ff".repeat(4000)])
        assert.equal((await fetch(`${url}/api/cluster`, { headers: { traceparent: wrong } })).status, 200);
    });
  }

  test("off, nothing of it is in the stream, and spans of others do no harm", async () => {
    untraced = await replica("node", "untraced", {});
    const documentId = newId();
    const ada = await member(untraced.url, documentId);
    const bob = await member(traced[1]?.url ?? "", documentId);
    await redisCli(redis.port, ["XTRIM", "trimaran:events", "MAXLEN", "0"]);
    await ada.say("untraced");
    await waitFor("Bob hears it", () => bob.heard.length === 1);
    assert.doesNotMatch(await redisCli(redis.port, ["XRANGE", "trimaran:events", "-", "+"]), /traceparent/);
    await bob.say("traced");
    await waitFor("Ada hears it", () => ada.heard.length === 2);
    assert.match(await redisCli(redis.port, ["XRANGE", "trimaran:events", "-", "+"]), /traceparent/);
  });

  test("a collector that is down costs nothing, and a stop does not wait for it", async () => {
    await collector.stop();
    const documentId = newId();
    const members = await Promise.all(traced.map(({ url }) => member(url, documentId)));
    await sayAll(members, "still");
    for (const { process } of traced)
      await waitFor("the log says it", () => process.output().includes("spans could not be sent"), 60_000);
    // Now it takes connections and never answers, while there are spans to be sent.
    const silent = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    const sockets: Socket[] = [];
    silent.listen(Number(new URL(collector.url).port), "127.0.0.1");
    await once(silent, "listening");
    await sayAll(members, "still", 6);
    for (const { process } of traced) {
      process.kill("SIGTERM");
      await waitFor("it ends", () => !process.isRunning(), 60_000);
      assert.equal((await process.exited).code, 0, process.output().slice(-500));
      assert.doesNotMatch(process.output(), /unhandled/i);
    }
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
