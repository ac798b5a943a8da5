import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type TrimaranClient, refusalOf } from "../../src/client/index.ts";
import { encodePresence } from "../../src/platform/gateway/presence-codec.ts";
import { ask } from "../support/api.ts";
import { newId } from "../support/sockets.ts";
import { useMembers } from "../support/members.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";

describe("access on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster({
    env: { AUTH_SECRET: authSecret, API_KEYS: apiKey, USER_MAX_CONNECTIONS: "3" },
  });
  const { member, visible, socketTo } = useMembers();
  const url = (index: number) => cluster().replicas[index]?.url ?? "";
  const tokenOf = (sub: string) => makeToken({ sub, documents: { "*": "write" } });
  const onAll = async (id: string, sub: string) =>
    Promise.all([0, 1, 2].map(async (index) => member(url(index), id, { token: await tokenOf(sub) })));
  const revoke = (index: number, body: object) => ask(url(index), "POST", "/api/revocations", { body });

  test("what is revoked on one replica is gone on all replicas", async () => {
    const id = newId();
    const members = await onAll(id, "rose");
    // On a busy machine Redis may be late once: it is kept by that replica until Redis is back.
    await waitFor("it is kept by all", async () => {
      const { body } = await revoke(0, { userId: "rose", documentId: id });
      assert.equal(body.ok, true);
      return body.stored === "shared";
    });
    await waitFor("Rose may not read", () =>
      members.every(({ membership }) => membership.state.access === "none"),
    );
    const bob = await member(url(1), id, { token: await tokenOf("bob") });
    await bob.say("secret");
    await waitFor("Bob hears himself", () => bob.heard.length === 1);
    for (const { heard, socket } of members) {
      assert.deepEqual(heard, []);
      const join = await socket.emitWithAck("join-document", { documentId: id });
      assert.equal(!join.ok && join.error.code, "forbidden");
    }
  });

  test("a member can't change the presence of another, on any replica", async () => {
    const id = newId();
    const ada = await visible(url(0), id, { token: await tokenOf("ada") });
    ada.awareness.setLocalStateField("user", { name: "Ada" });
    const bob = await visible(url(1), id, { token: await tokenOf("bob") });
    const eve = await visible(url(2), id, { token: await tokenOf("eve") });
    const seen = (clientId: number) =>
      bob.awareness.getStates().get(clientId)?.["user"] as { id: string; name: string } | undefined;
    await waitFor("Bob sees Ada", () => seen(ada.awareness.clientID)?.name === "Ada");
    const state = JSON.stringify({ user: { name: "Hacked", id: "ada" } });
    const update = encodePresence([
      { clientId: ada.awareness.clientID, clock: 1000, state },
      { clientId: eve.awareness.clientID, clock: 1000, state },
    ]);
    eve.socket.emit("send-presence", { documentId: id, update });
    await waitFor("Bob sees Eve", () => seen(eve.awareness.clientID)?.name === "Hacked");
    assert.equal(seen(eve.awareness.clientID)?.id, "eve");
    assert.deepEqual(seen(ada.awareness.clientID), { name: "Ada", id: "ada" });
  });

  test("connections are listed and ended on all replicas", async () => {
    const id = newId();
    const members = await onAll(id, "linus");
    const list = async () =>
      (await ask(url(2), "GET", "/api/users/linus/connections")).body.connections ?? [];
    await waitFor("all three are listed", async () => (await list()).length === 3);
    let gone = 0;
    for (const { socket } of members) socket.once("disconnect", () => (gone += 1));
    await ask(url(1), "DELETE", "/api/users/linus/connections");
    await waitFor("all were gone", () => gone === 3);
    await waitFor("all are back", () => members.every(({ membership }) => membership.synced));
  });

  test("open connections are counted over all replicas", async () => {
    const outcomes: string[] = [];
    const sockets: TrimaranClient[] = [];
    for (const index of [0, 1, 2, 0]) {
      const socket = socketTo(url(index), { token: await tokenOf("cora"), reconnection: false });
      sockets.push(socket);
      outcomes.push(
        await new Promise<string>((resolve) => {
          socket.once("connect", () => resolve("connected"));
          socket.once("connect_error", (error) => resolve(refusalOf(error)?.code ?? error.message));
        }),
      );
    }
    assert.deepEqual(outcomes, ["connected", "connected", "connected", "overloaded"]);
  });

  test("an event by a backend comes once, whichever replicas it is sent to", async () => {
    const id = newId();
    const bob = await member(url(2), id, { token: await tokenOf("bob") });
    for (const index of [0, 1, 2]) {
      const payload = { id: "1", from: "The backend", text: "once" };
      const answer = await ask(url(index), "POST", `/api/documents/${id}/events`, {
        body: { event: "said", payload },
        headers: { "idempotency-key": "the-same" },
      });
      assert.deepEqual(answer.body, { ok: true });
    }
    await bob.say("after");
    await waitFor("the last has come", () => bob.heard.includes("after"));
    assert.deepEqual(bob.heard, ["once", "after"]);
  });

  test("what is revoked while Redis is down counts on that replica at once, and on all when Redis is up, even empty", async () => {
    const id = newId();
    const members = await onAll(id, "nora");
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    assert.deepEqual((await revoke(0, { userId: "nora", documentId: id })).body, {
      ok: true,
      stored: "local",
    });
    const access = () => members.map(({ membership }) => membership.state.access);
    await waitFor("it counts on that replica", () => access()[0] === "none");
    assert.equal(access()[1], "write");
    await cluster().startRedis({ empty: true });
    await waitForMode(cluster(), "cluster");
    await waitFor("it counts on all replicas", () => access().every((each) => each === "none"));
  });
});
