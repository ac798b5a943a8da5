import assert from "node:assert/strict";
import { describe, test } from "node:test";
import bcrypt from "bcryptjs";
import { type Socket, io } from "socket.io-client";
import { waitFor } from "../../deploy/local/process.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { newId } from "../support/sockets.ts";
import { useMembers } from "../support/members.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { ask } from "../support/raw-http.ts";
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
  const { member } = useMembers();

  const admin = (url: string, auth: object, options: object = {}) =>
    io(`${url}/admin`, {
      auth,
      forceNew: true,
      reconnection: false,
      transports: ["websocket"],
      ...options,
    });
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

  test("does no harm while Redis is down, and works when Redis is up", async () => {
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await cluster().startRedis();
    await waitForMode(cluster(), "cluster");
    const id = newId();
    const members = await Promise.all(cluster().replicas.map(({ url }) => member(url, id)));
    await members[0]?.say("works");
    for (const { heard } of members) await waitFor("it is heard", () => heard.length === 1);
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
    // Over all replicas; sessions and what is no attempt at a password do not count.
    await waitFor(
      "attempts have a limit",
      async () =>
        (await outcome(admin(url, { username: "admin", password: "guess" }))) === "too many attempts",
    );
  });

  for (const [index, runtime] of runtimes.entries())
    test(`${runtime}: hundreds of attempts in one request compare ten passwords in a minute`, async () => {
      const { url = "", port = 0, process } = cluster().replicas[index] ?? {};
      const checks = () => metric(url, "trimaran_password_checks_total");
      const before = await checks();
      const headers = { Host: "x", "X-Forwarded-For": `203.0.113.${index + 1}` };
      const polling = "/socket.io/?EIO=4&transport=polling";
      const opened = await ask(port, polling, { headers });
      const session = `&sid=${/"sid":"([^"]+)"/.exec(opened.text)?.[1]}`;
      const attempt = `40/admin,{"username":"admin","password":"x"}`;
      const body = Array.from({ length: 300 }, () => attempt).join("\x1e");
      await ask(port, polling + session, { method: "POST", headers, body });
      // Others come in all the while: the same person from elsewhere, after those who wait.
      const from = { extraHeaders: { "x-forwarded-for": `203.0.113.${index + 101}` } };
      assert.equal(await outcome(admin(url, { username: "admin", password }, from)), "in");
      assert.ok(process?.isRunning());
      const compared = (await checks()) - before;
      assert.ok(compared >= 1 && compared <= 11, `${compared} passwords were compared`);
    });

  test("who was let in comes back with the session, without another comparison", async () => {
    const url = cluster().replicas[0]?.url ?? "";
    const from = { extraHeaders: { "x-forwarded-for": "203.0.113.201" } };
    const first = admin(url, { username: "admin", password }, from);
    const session = new Promise<string>((resolve) => first.once("session", resolve));
    assert.equal(await outcome(first), "in");
    const before = await metric(url, "trimaran_password_checks_total");
    for (let times = 0; times < 15; times += 1)
      assert.equal(await outcome(admin(url, { sessionId: await session }, from)), "in");
    assert.equal(await metric(url, "trimaran_password_checks_total"), before);
    first.disconnect();
  });
});
