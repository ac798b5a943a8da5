import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { adaptedCaddyfile } from "../support/adapted-caddyfile.ts";
import { newId } from "../support/sockets.ts";
import { useClients, waitForConvergence } from "../features/documents/support/clients.ts";
import { clusterView, useCluster } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("behind Caddy", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { person } = useClients();

  test("the Caddyfile means what it says", () => {
    const text = adaptedCaddyfile({
      UPSTREAMS: "10.0.0.1:3000 10.0.0.2:3000",
      SITE_ADDRESS: "https://docs.example.com",
    });
    for (const part of [
      '"selection_policy":{"name":"replica","policy":"cookie","secret":"trimaran"}',
      '"uri":"/readyz"',
      '"interval":500000000',
      '"try_duration":5000000000',
      '"upstreams":[{"dial":"10.0.0.1:3000"},{"dial":"10.0.0.2:3000"}]',
      "docs.example.com",
    ]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.ok(!text.includes("fail_duration"), "a client's broken request is not the replica's failure");
  });

  test("a session by long-polling stays on one replica, and many are spread", async () => {
    const id = newId();
    const people = await Promise.all(
      Array.from({ length: 9 }, () => person(cluster().url, id, { transports: ["polling"] })),
    );
    for (const { text } of people) text.insert(0, "p");
    assert.equal((await waitForConvergence(people)).length, 9);
    assert.ok(new Set(people.map(({ seen }) => seen.nodeId)).size > 1);
  });

  test("WebSockets and upgrades from polling go through", async () => {
    const id = newId();
    const [direct, upgraded] = await Promise.all([
      person(cluster().url, id, { transports: ["websocket"] }),
      person(cluster().url, id, { transports: ["polling", "websocket"] }),
    ]);
    await waitFor("the second is upgraded", () => upgraded.socket.io.engine.transport.name === "websocket");
    direct.text.insert(0, "hello");
    assert.equal(await waitForConvergence([direct, upgraded]), "hello");
  });

  test("the client's own address reaches the limits", async () => {
    // Through Caddy everyone comes from loopback; a client can't add an address of its choice.
    const ask = async () =>
      Number(
        (
          await fetch(`${cluster().url}/api/cluster`, { headers: { "x-forwarded-for": "198.51.100.9" } })
        ).headers.get("ratelimit-remaining"),
      );
    const [first, second] = [await ask(), await ask()];
    assert.equal(second, first - 1);
    const direct = await fetch(`${cluster().replicas[0]?.url}/api/cluster`, {
      headers: { "x-forwarded-for": "198.51.100.9" },
    });
    assert.ok(
      Number(direct.headers.get("ratelimit-remaining")) > second,
      "the spoofed address was not counted",
    );
  });

  test("a replica that is killed: its people go on with another, nothing lost", async () => {
    const id = newId();
    const people = await Promise.all(Array.from({ length: 6 }, () => person(cluster().url, id)));
    for (const { text } of people) text.insert(0, "a");
    await waitForConvergence(people);
    const victim = cluster().replicas.findIndex(({ runtime }) => people[0]?.seen.nodeId?.endsWith(runtime));
    cluster().replicas[victim]?.process.kill("SIGKILL");
    for (const { text } of people) text.insert(0, "b");
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    const text = await waitForConvergence(people);
    assert.equal(text.length, 12);
    await cluster().restartReplica(victim);
    await waitFor(
      "all three are there again",
      async () => (await clusterView(cluster().url)).replicas.length === 3,
    );
  });

  test("a replica that stops in good order: the same", async () => {
    const id = newId();
    const people = await Promise.all(Array.from({ length: 6 }, () => person(cluster().url, id)));
    await cluster().replicas[1]?.process.stop();
    for (const { text } of people) text.insert(0, "c");
    await Promise.all(people.map(({ provider }) => provider.whenSaved()));
    assert.equal((await waitForConvergence(people)).length, 6);
    assert.deepEqual(await cluster().replicas[1]?.process.exited, { code: 0, signal: null });
    await cluster().restartReplica(1);
  });
});
