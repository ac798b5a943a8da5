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
import { useClients, waitForConvergence } from "../features/documents/support/clients.ts";
import { type Collector, type Span, startCollector } from "../support/collector.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("tracing", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { person } = useClients();
  let redis: LocalRedis;
  let collector: Collector;
  let traced: Replica[] = [];
  let untraced: Replica | undefined;

  const replica = (runtime: (typeof runtimes)[number], name: string, env: Record<string, string>) =>
    startReplica({
      runtime,
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

  for (const [index, runtime] of runtimes.entries()) {
    test(`one trace follows a change from ${runtime} to the replicas on the others`, async () => {
      const documentId = newId();
      const people = await Promise.all(traced.map(({ url }) => person(url, documentId)));
      people[index]?.text.insert(0, `Hello from ${runtime}`);
      await waitForConvergence(people);
      const ofChange = (span: Span) =>
        span.name === "send-changes" && span.attributes["trimaran.document.id"] === documentId;
      const root = await waitFor("the event's span is there", () => collector.spans.find(ofChange), 60_000);
      const trace = () => collector.spans.filter(({ traceId }) => traceId === root.traceId);
      await waitFor(
        "all replicas delivered",
        () => trace().filter(({ name }) => name === "deliver receive-changes").length === 3,
        60_000,
      );
      const store = trace().find(({ name }) => name === "store");
      const publish = trace().find(({ name }) => name === "publish receive-changes");
      assert.equal(root.instance, runtime);
      assert.equal(root.parentSpanId, undefined);
      assert.equal(store?.parentSpanId, root.spanId);
      assert.ok(Number(store?.attributes["trimaran.update.bytes"]) > 0);
      assert.ok(publish);
      assert.equal(publish.parentSpanId, root.spanId);
      const delivered = trace().filter(({ name }) => name === "deliver receive-changes");
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
    const [ada, bob] = [
      await person(untraced.url, documentId),
      await person(traced[1]?.url ?? "", documentId),
    ];
    await redisCli(redis.port, ["XTRIM", "trimaran:events", "MAXLEN", "0"]);
    ada.text.insert(0, "untraced");
    await waitForConvergence([ada, bob]);
    assert.doesNotMatch(await redisCli(redis.port, ["XRANGE", "trimaran:events", "-", "+"]), /traceparent/);
    bob.text.insert(0, "traced ");
    assert.equal((await waitForConvergence([ada, bob])).trim(), "traced untraced");
    assert.match(await redisCli(redis.port, ["XRANGE", "trimaran:events", "-", "+"]), /traceparent/);
  });

  test("a collector that is away costs nothing, and a stop does not wait for it", async () => {
    await collector.stop();
    const documentId = newId();
    const people = await Promise.all(traced.map(({ url }) => person(url, documentId)));
    for (const each of people) each.text.insert(0, "still ");
    assert.equal((await waitForConvergence(people)).trim(), "still still still");
    for (const { process } of traced)
      await waitFor("the log says it", () => process.output().includes("spans could not be sent"), 60_000);
    // Now it takes connections and never answers, while there are spans to be sent.
    const silent = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
    const sockets: Socket[] = [];
    silent.listen(Number(new URL(collector.url).port), "127.0.0.1");
    await once(silent, "listening");
    for (const each of people) each.text.insert(0, "still ");
    await waitForConvergence(people);
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
