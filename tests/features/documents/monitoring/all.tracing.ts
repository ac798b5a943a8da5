import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { type Replica, runtimes, startReplica } from "../../../../deploy/local/replica.ts";
import { type Collector, startCollector } from "../../../support/collector.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { newId } from "../../../support/sockets.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { useClients } from "../support/clients.ts";

describe("traces of documents", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { person } = useClients();
  let collector: Collector;
  let replicas: Replica[] = [];

  before(async () => {
    collector = await startCollector();
    replicas = await Promise.all(
      runtimes.map((runtime) =>
        startReplica({
          runtime,
          env: {
            DATA_FILE: join(folder, `${runtime}.sqlite`),
            OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
            OTEL_BSP_SCHEDULE_DELAY: "100",
          },
        }),
      ),
    );
  });
  after(async () => {
    await Promise.all(replicas.map(({ process }) => process.stop()));
    await collector?.stop();
  });

  for (const [index, runtime] of runtimes.entries())
    test(`${runtime}: the span of a change has one of its store, with the change's size`, async () => {
      const documentId = newId();
      const { text } = await person(replicas[index]?.url ?? "", documentId);
      text.insert(0, "Hello");
      const change = await waitFor(
        "the event's span is there",
        () =>
          collector.spans.find(
            ({ name, attributes }) =>
              name === "send-changes" && attributes["trimaran.document.id"] === documentId,
          ),
        60_000,
      );
      const store = await waitFor(
        "the store's span is there",
        () => collector.spans.find(({ name, traceId }) => name === "store" && traceId === change.traceId),
        60_000,
      );
      assert.equal(store.parentSpanId, change.spanId);
      assert.ok(Number(store.attributes["trimaran.update.bytes"]) > 0);
    });
});
