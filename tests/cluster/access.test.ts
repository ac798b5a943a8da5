import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { type TrimaranClient, refusalOf } from "../../src/client/index.ts";
import { encodePresence } from "../../src/realtime/presence-codec.ts";
import { ask } from "../suites/backend.ts";
import { newId, useClients } from "../support/clients.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";

describe("access on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster({
    env: { AUTH_SECRET: authSecret, API_KEYS: apiKey, USER_MAX_CONNECTIONS: "3" },
  });
  const { person, socketTo } = useClients();
  const url = (index: number) => cluster().replicas[index]?.url ?? "";
  const tokenOf = (sub: string) => makeToken({ sub, documents: { "*": "write" } });
  const onAll = async (id: string, sub: string) =>
    Promise.all([0, 1, 2].map(async (index) => person(url(index), id, { token: await tokenOf(sub) })));
  const revoke = (index: number, body: object) => ask(url(index), "POST", "/api/revocations", { body });

  test("what is revoked on one replica is gone on all replicas", async () => {
    const id = newId();
    const people = await onAll(id, "rose");
    // On a busy machine Redis may be late once: it is kept by that replica until Redis is back.
    await waitFor("it is kept by all", async () => {
      const { body } = await revoke(0, { userId: "rose", documentId: id });
      assert.equal(body.ok, true);
      return body.stored === "shared";
    });
    await waitFor("nobody may read", () => people.every(({ provider }) => provider.state.access === "none"));
    const bob = await person(url(1), id, { token: await tokenOf("bob") });
    bob.text.insert(0, "secret");
    await bob.provider.whenSaved();
    await bob.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "secret" });
    await waitFor("bob hears himself", () => bob.messages.length === 1);
    for (const { text, messages, socket } of people) {
      assert.equal(text.toString(), "");
      assert.deepEqual(messages, []);
      const join = await socket.emitWithAck("join-document", { documentId: id });
      assert.equal(!join.ok && join.error.code, "forbidden");
    }
  });

  test("nobody speaks for somebody else's presence, on whichever replica", async () => {
    const id = newId();
    const ada = await person(url(0), id, { token: await tokenOf("ada") });
    ada.provider.awareness.setLocalStateField("user", { name: "Ada" });
    const bob = await person(url(1), id, { token: await tokenOf("bob") });
    const eve = await person(url(2), id, { token: await tokenOf("eve") });
    const seen = (clientId: number) =>
      bob.provider.awareness.getStates().get(clientId)?.["user"] as { id: string; name: string } | undefined;
    await waitFor("bob sees ada", () => seen(ada.doc.clientID)?.name === "Ada");
    const state = JSON.stringify({ user: { name: "Hacked", id: "ada" } });
    const update = encodePresence([
      { clientId: ada.doc.clientID, clock: 1000, state },
      { clientId: eve.doc.clientID, clock: 1000, state },
    ]);
    eve.socket.emit("send-presence", { documentId: id, update });
    await waitFor("bob sees eve", () => seen(eve.doc.clientID)?.name === "Hacked");
    assert.equal(seen(eve.doc.clientID)?.id, "eve");
    assert.deepEqual(seen(ada.doc.clientID), { name: "Ada", id: "ada" });
  });

  test("connections are listed and ended on all replicas", async () => {
    const id = newId();
    const people = await onAll(id, "linus");
    const list = async () =>
      (await ask(url(2), "GET", "/api/users/linus/connections")).body.connections ?? [];
    await waitFor("all three are listed", async () => (await list()).length === 3);
    let gone = 0;
    for (const { socket } of people) socket.once("disconnect", () => (gone += 1));
    await ask(url(1), "DELETE", "/api/users/linus/connections");
    await waitFor("all were gone", () => gone === 3);
    await waitFor("all are back", () => people.every(({ provider }) => provider.synced));
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
    const bob = await person(url(2), id, { token: await tokenOf("bob") });
    for (const index of [0, 1, 2]) {
      const payload = { id: "1", from: "The backend", text: "once" };
      const answer = await ask(url(index), "POST", `/api/documents/${id}/events`, {
        body: { event: "receive-message", payload },
        headers: { "idempotency-key": "the-same" },
      });
      assert.deepEqual(answer.body, { ok: true });
    }
    await bob.socket.emitWithAck("send-message", { documentId: id, id: "2", text: "after" });
    await waitFor("the last has come", () => bob.messages.includes("after"));
    assert.deepEqual(bob.messages, ["once", "after"]);
  });

  test("what is revoked while Redis is away counts there at once, and everywhere when it is back, even empty", async () => {
    const id = newId();
    const people = await onAll(id, "nora");
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    assert.deepEqual((await revoke(0, { userId: "nora", documentId: id })).body, {
      ok: true,
      stored: "local",
    });
    await waitFor("it counts there", () => people[0]?.provider.state.access === "none");
    assert.equal(people[1]?.provider.state.access, "write");
    await cluster().startRedis({ empty: true });
    await waitForMode(cluster(), "cluster");
    await waitFor("it counts everywhere", () =>
      people.every(({ provider }) => provider.state.access === "none"),
    );
  });
});
