import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { adaptedCaddyfile } from "../support/adapted-caddyfile.ts";
import { newId } from "../support/sockets.ts";
import { useLoads } from "../support/loads.ts";
import { type Member, useMembers } from "../support/members.ts";
import { clusterView, useCluster } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("behind Caddy", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const { member } = useMembers();
  const startLoads = useLoads();

  /** Each of them says something, and all hear it, once. */
  async function sayAll(members: Member[], text: string): Promise<void> {
    const texts = members.map((_, index) => `${text}-${index}`);
    await Promise.all(members.map(({ insist }, index) => insist(texts[index] ?? "")));
    const ofThese = ({ heard }: Member) => heard.filter((each) => each.startsWith(`${text}-`)).toSorted();
    for (const each of members) {
      await waitFor("all is heard", () => ofThese(each).length >= members.length);
      assert.deepEqual(ofThese(each), texts);
    }
  }

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
    const members = await Promise.all(
      Array.from({ length: 9 }, () => member(cluster().url, id, { transports: ["polling"] })),
    );
    await sayAll(members, "p");
    assert.ok(new Set(members.map(({ seen }) => seen.nodeId)).size > 1);
  });

  test("WebSockets and upgrades from polling go through", async () => {
    const id = newId();
    const [direct, upgraded] = await Promise.all([
      member(cluster().url, id, { transports: ["websocket"] }),
      member(cluster().url, id, { transports: ["polling", "websocket"] }),
    ]);
    await waitFor("the second is upgraded", () => upgraded.socket.io.engine.transport.name === "websocket");
    await sayAll([direct, upgraded], "hello");
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

  test("a replica that is killed: its clients go on with another, and nothing is lost", async () => {
    const id = newId();
    const load = await startLoads(
      Array.from({ length: 6 }, () => cluster().url),
      newId(),
    );
    const members = await Promise.all(Array.from({ length: 6 }, () => member(cluster().url, id)));
    await sayAll(members, "a");
    const victim = cluster().replicas.findIndex(({ runtime }) => members[0]?.seen.nodeId?.endsWith(runtime));
    cluster().replicas[victim]?.process.kill("SIGKILL");
    await sayAll(members, "b");
    await load.end();
    await cluster().restartReplica(victim);
    await waitFor(
      "all three are there again",
      async () => (await clusterView(cluster().url)).replicas.length === 3,
    );
  });

  test("a replica that stops in good order: the same", async () => {
    const id = newId();
    const load = await startLoads(
      Array.from({ length: 6 }, () => cluster().url),
      newId(),
    );
    const members = await Promise.all(Array.from({ length: 6 }, () => member(cluster().url, id)));
    await cluster().replicas[1]?.process.stop();
    await sayAll(members, "c");
    await load.end();
    assert.deepEqual(await cluster().replicas[1]?.process.exited, { code: 0, signal: null });
    await cluster().restartReplica(1);
  });
});
