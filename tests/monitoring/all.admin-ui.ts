import assert from "node:assert/strict";
import { describe, test } from "node:test";
import bcrypt from "bcryptjs";
import { type Socket, io } from "socket.io-client";
import { waitFor } from "../../deploy/local/process.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { newId, useClients, waitForConvergence } from "../support/clients.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { metric, useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("Socket.IO's Admin UI", { timeout: groupTimeoutMs }, () => {
  const password = "a password of tests";
  const cluster = useCluster({
    env: {
      ADMIN_UI_USER: "admin",
      ADMIN_UI_PASSWORD_HASH: bcrypt.hashSync(password, 4),
      CONNECT_RATE: "60/60s",
    },
  });
  const without = useServer("node");
  const { person } = useClients();

  const admin = (url: string, auth: object) =>
    io(`${url}/admin`, { auth, forceNew: true, reconnection: false, transports: ["websocket"] });
  const outcome = (socket: Socket) =>
    new Promise<string>((resolve) => {
      socket.once("connect", () => resolve("in"));
      socket.once("connect_error", ({ message }) => resolve(message));
    });

  test("shows figures of all replicas to who has the password, and is nowhere without being set up", async () => {
    await waitForMode(cluster(), "cluster");
    const before = await metric(cluster().replicas[0]?.url ?? "", "trimaran_redis_malformed_total", {});
    for (const { url } of cluster().replicas) {
      const socket = admin(url, { username: "admin", password });
      assert.equal(await outcome(socket), "in");
      const seen = new Set<string>();
      socket.on("server_stats", ({ serverId }: { serverId: string }) => seen.add(serverId));
      await waitFor("all replicas tell", () => seen.size === runtimes.length, 60_000);
      socket.disconnect();
    }
    const after = await metric(cluster().replicas[0]?.url ?? "", "trimaran_redis_malformed_total", {});
    assert.equal(after, before, "nothing of it counts as garbage");
    assert.match(await outcome(admin(without().url, { username: "admin", password })), /Invalid namespace/);
  });

  test("does no harm while Redis is away, and it comes back", async () => {
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await cluster().startRedis();
    await waitForMode(cluster(), "cluster");
    const id = newId();
    const people = await Promise.all(cluster().replicas.map(({ url }) => person(url, id)));
    people[0]?.text.insert(0, "works");
    assert.equal((await waitForConvergence(people)).trim(), "works");
    for (const { process } of cluster().replicas) {
      assert.ok(process.isRunning());
      assert.doesNotMatch(process.output(), /unhandled/i);
    }
  });

  test("refuses all others, bad input too, and not for ever", async () => {
    for (const { url, process } of cluster().replicas) {
      for (const auth of [
        {},
        { username: "admin" },
        { username: "admin", password: "wrong" },
        { username: "admin", password: 1 },
        { username: "admin", password: null },
        { username: ["admin"], password },
        { sessionId: "made up" },
        { sessionId: { a: 1 } },
      ])
        assert.equal(await outcome(admin(url, auth)), "invalid credentials", JSON.stringify(auth));
      assert.ok(process.isRunning());
    }
    const url = cluster().replicas[0]?.url ?? "";
    await waitFor(
      "attempts have a limit",
      async () =>
        (await outcome(admin(url, { username: "admin", password: "guess" }))) === "too many attempts",
    );
  });
});
