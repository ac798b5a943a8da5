import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { expressions } from "../../deploy/monitoring/dashboard.ts";
import { newId } from "../support/sockets.ts";
import { useLoads } from "../support/loads.ts";
import { useMembers } from "../support/members.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { type LocalPrometheus, startPrometheus } from "../support/prometheus.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Panels that show something only when something went wrong. */
const emptyWhenWell = [/result!="ok"/, /refused_total/, /malformed_total/, /recoveries/];
const patienceMs = 90_000;

describe("a real Prometheus", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { member } = useMembers();
  const startLoads = useLoads();
  let prometheus: LocalPrometheus;
  before(async () => {
    const targets = cluster().replicas.map(({ port }) => `127.0.0.1:${port}`);
    prometheus = await startPrometheus(cluster().dir, targets);
  });
  after(() => prometheus?.process.stop());

  const fires = (alert: string) =>
    waitFor(`${alert} fires`, async () => (await prometheus.firing()).includes(alert), patienceMs);
  const rests = (alert: string) =>
    waitFor(`${alert} is over`, async () => !(await prometheus.firing()).includes(alert), patienceMs);

  test("every line of the dashboard has data from three replicas", async () => {
    await waitForMode(cluster(), "cluster");
    const urls = cluster().replicas.map(({ url }) => url);
    const load = await startLoads(urls, newId());
    const room = newId();
    const members = await Promise.all(urls.map((url) => member(url, room)));
    let count = 0;
    const saying = setInterval(() => void members[(count += 1) % 3]?.say("a").catch(() => undefined), 50);
    try {
      for (const expression of expressions) {
        if (emptyWhenWell.some((pattern) => pattern.test(expression))) continue;
        await waitFor(
          `${expression} has values`,
          async () => (await prometheus.query(expression)).some(({ value }) => value[1] !== "NaN"),
          patienceMs,
        );
      }
    } finally {
      clearInterval(saying);
    }
    await load.end();
    assert.deepEqual(
      (await prometheus.query("count by (runtime) (trimaran_build_info)")).length,
      3,
      "three runtimes",
    );
    const hops = await prometheus.query("sum by (node) (trimaran_replica_hop_duration_seconds_count)");
    for (const { metric, value } of hops) assert.ok(Number(value[1]) > 0, JSON.stringify(metric));
    assert.deepEqual(await prometheus.firing(), []);
  });

  test("Redis is killed: the alert fires, and is over when Redis is back", async () => {
    await cluster().redis?.process.kill("SIGKILL");
    await fires("TrimaranDegraded");
    await cluster().startRedis();
    await rests("TrimaranDegraded");
  });

  test("a replica is killed: the alert fires, and is over when it is back", async () => {
    await cluster().replicas[0]?.process.kill("SIGKILL");
    await fires("TrimaranReplicaDown");
    assert.ok(!(await prometheus.firing()).includes("TrimaranAllReplicasDown"));
    await cluster().restartReplica(0);
    await rests("TrimaranReplicaDown");
  });
});
