import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { type ErrorReply, type TrimaranClient, refusalOf } from "../../src/client/index.ts";
import { newId, useClients } from "../support/clients.ts";
import { manyStructs } from "../security/arbitraries/yjs.ts";
import { metric, useServer } from "../support/server.ts";
import { authSecret, makeToken } from "../support/tokens.ts";
import { insertion } from "../support/yjs.ts";

/** Limits, on a server that allows little. Addresses are told apart by the trusted proxy's header. */
export function limitSuite(runtime: RuntimeName): void {
  describe("limits", () => {
    const server = useServer(runtime, { HTTP_RATE: "3/60s", CONNECT_RATE: "2/60s", EVENT_RATE: "4/60s" });
    const { socketTo } = useClients();
    const from = (address: string) => ({ "x-forwarded-for": address });

    test("HTTP past the limit is 429 with Retry-After, for that address only", async () => {
      const ask = (address: string) => fetch(`${server().url}/api/cluster`, { headers: from(address) });
      for (let index = 0; index < 3; index += 1) assert.equal((await ask("203.0.113.1")).status, 200);
      const refused = await ask("203.0.113.1");
      assert.equal(refused.status, 429);
      const retryAfter = Number(refused.headers.get("retry-after"));
      assert.ok(retryAfter > 50 && retryAfter <= 60, String(retryAfter));
      assert.equal(refused.headers.get("ratelimit-remaining"), "0");
      assert.equal(((await refused.json()) as { error: { code: string } }).error.code, "rate_limited");
      assert.equal((await ask("203.0.113.2")).status, 200);
      assert.equal((await ask("203.0.113.1, 203.0.113.3")).status, 200, "the rightmost address counts");
      assert.equal(
        (await fetch(`${server().url}/readyz`, { headers: from("203.0.113.1") })).status,
        200,
        "probes are never refused",
      );
    });

    test("events past the limit are rate_limited with the time to wait", async () => {
      const socket = socketTo(server().url, {
        transports: ["websocket"],
        extraHeaders: from("203.0.113.10"),
      });
      const documentId = newId();
      await socket.emitWithAck("join-document", { documentId });
      for (let index = 0; index < 3; index += 1) {
        assert.equal(
          (await socket.emitWithAck("send-message", { documentId, id: String(index), text: "x" })).ok,
          true,
        );
      }
      const reply = await socket.emitWithAck("send-message", { documentId, id: "3", text: "x" });
      assert.ok(!reply.ok);
      assert.equal(reply.error.code, "rate_limited");
      assert.ok((reply.error.retryAfterMs ?? 0) > 0 && (reply.error.retryAfterMs ?? 0) <= 60_000);
    });

    test("a second connection does not have a limit of its own", async () => {
      const options = { transports: ["websocket"], extraHeaders: from("203.0.113.20") };
      const documentId = newId();
      const [one, two] = [socketTo(server().url, options), socketTo(server().url, options)];
      for (const socket of [one, two, one, two]) await socket.emitWithAck("join-document", { documentId });
      const reply = await two.emitWithAck("join-document", { documentId });
      assert.equal(reply.ok === false && reply.error.code, "rate_limited");
    });

    test("connection attempts past the limit are refused with the time to wait", async () => {
      const attempt = () => {
        const socket = socketTo(server().url, {
          transports: ["websocket"],
          extraHeaders: from("203.0.113.30"),
          reconnection: false,
        });
        return new Promise<{ code: string; retryAfterMs?: number } | "connected">((resolve) => {
          socket.once("connect", () => resolve("connected"));
          socket.once("connect_error", (error) =>
            resolve((error as Error & { data: { code: string } }).data),
          );
        });
      };
      assert.equal(await attempt(), "connected");
      assert.equal(await attempt(), "connected");
      const refused = await attempt();
      assert.ok(typeof refused === "object");
      assert.equal(refused.code, "rate_limited");
      assert.ok((refused.retryAfterMs ?? 0) > 0);
    });
  });

  describe("limits of what lasts, and of users", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      MAX_CONNECTIONS: "2",
      USER_MAX_CONNECTIONS: "1",
      MAX_JOINED: "3",
      USER_MAX_JOINED: "2",
      BYTE_RATE: "100000/60s",
      USER_BYTE_RATE: "40000/60s",
      USER_EVENT_RATE: "5/60s",
      USER_CONNECT_RATE: "3/60s",
      USER_HTTP_RATE: "2/60s",
      MAX_DOCUMENT_UPDATES: "10",
    });
    const { socketTo } = useClients();
    const as = async (sub: string, address: string) =>
      socketTo(server().url, {
        transports: ["websocket"],
        token: await makeToken({ sub, documents: { "*": "write" } }),
        extraHeaders: { "x-forwarded-for": address },
        reconnection: false,
      });
    const outcome = (socket: TrimaranClient) =>
      new Promise<string>((resolve) => {
        socket.once("connect", () => resolve("connected"));
        socket.once("connect_error", (error) => resolve(refusalOf(error)?.code ?? error.message));
      });
    const refusedBy = (limit: string) =>
      metric(server().url, "trimaran_refused_total", { reason: limit }).then((count) => count || 0);

    test("changes of a document before its log is merged", async () => {
      const socket = await as("m1", "203.0.113.50");
      const merges = () => metric(server().url, "trimaran_document_merges_total");
      await socket.emitWithAck("join-document", { documentId: "merged" });
      const other = await as("m2", "203.0.113.51");
      const third = await as("m3", "203.0.113.52");
      await other.emitWithAck("join-document", { documentId: "merged" });
      await third.emitWithAck("join-document", { documentId: "merged" });
      for (let index = 0; index < 10; index += 1) {
        if (index === 9) assert.equal(await merges(), 0);
        const from = [socket, other, third][index % 3] as TrimaranClient;
        const reply = await from.emitWithAck("send-changes", {
          documentId: "merged",
          update: insertion("x"),
        });
        assert.equal(reply.ok, true);
      }
      assert.equal(await merges(), 1);
    });

    test("open connections of an address, and of a user", async () => {
      const first = await as("a1", "203.0.113.1");
      assert.equal(await outcome(first), "connected");
      assert.equal(await outcome(await as("a1", "203.0.113.2")), "overloaded");
      assert.equal(await refusedBy("user-connections"), 1);
      assert.equal(await outcome(await as("a2", "203.0.113.1")), "connected");
      assert.equal(await outcome(await as("a3", "203.0.113.1")), "overloaded");
      assert.equal(await refusedBy("connections"), 1);
      first.disconnect();
      await waitFor(
        "there is room again",
        async () => (await outcome(await as("a4", "203.0.113.1"))) === "connected",
      );
    });

    test("documents joined by an address, and by a user", async () => {
      const join = (socket: TrimaranClient, documentId: string) =>
        socket.emitWithAck("join-document", { documentId });
      const codeOf = (reply: Awaited<ReturnType<typeof join>>) => (reply.ok ? "ok" : reply.error.code);
      const [one, two] = [await as("b1", "203.0.113.10"), await as("b2", "203.0.113.10")];
      assert.equal(codeOf(await join(one, "a")), "ok");
      assert.equal(codeOf(await join(one, "a")), "ok", "the same again takes nothing");
      assert.equal(codeOf(await join(one, "b")), "ok");
      assert.equal(codeOf(await join(one, "c")), "overloaded");
      assert.equal(await refusedBy("user-joined"), 1);
      assert.equal(codeOf(await join(two, "a")), "ok");
      assert.equal(codeOf(await join(two, "b")), "overloaded");
      assert.equal(await refusedBy("joined"), 1);
      one.disconnect();
      await waitFor("there is room again", async () => codeOf(await join(two, "b")) === "ok");
    });

    test("events and bytes of a user, on all connections", async () => {
      const socket = await as("c1", "203.0.113.20");
      const send = (target: TrimaranClient, documentId: string, size: number) =>
        target.emitWithAck("send-changes", { documentId, update: insertion("x".repeat(size)) });
      await socket.emitWithAck("join-document", { documentId: "bytes" });
      assert.equal((await send(socket, "bytes", 30_000)).ok, true);
      const refused = await send(socket, "bytes", 30_000);
      assert.ok(
        !refused.ok && refused.error.code === "rate_limited" && (refused.error.retryAfterMs ?? 0) > 0,
      );
      assert.equal(await refusedBy("user-byte"), 1);
      const [other, third] = [await as("c2", "203.0.113.20"), await as("c3", "203.0.113.21")];
      await other.emitWithAck("join-document", { documentId: "bytes" });
      // The address has sent 60,000 already, refused or not.
      assert.equal((await send(other, "bytes", 39_500)).ok, true);
      assert.equal((await send(other, "bytes", 900)).ok, false);
      assert.equal(await refusedBy("byte"), 1);
      for (let index = 0; index < 5; index += 1)
        await third.emitWithAck("join-document", { documentId: "bytes" });
      const sixth = await third.emitWithAck("join-document", { documentId: "bytes" });
      assert.equal(!sixth.ok && sixth.error.code, "rate_limited");
      assert.equal(await refusedBy("user-event"), 1);
    });

    test("acknowledgements that the server did not ask for are counted like events", async () => {
      const socket = await as("e1", "203.0.113.60");
      await socket.emitWithAck("join-document", { documentId: "answers" });
      // 3 is the type of an acknowledgement.
      const write = socket as unknown as {
        packet: (packet: { type: 3; id: number; data: string[] }) => void;
      };
      write.packet({ type: 3, id: 1, data: ["x".repeat(30_000)] });
      const reply = await socket.emitWithAck("send-changes", {
        documentId: "answers",
        update: insertion("x".repeat(30_000)),
      });
      assert.equal(!reply.ok && reply.error.code, "rate_limited");
    });

    test("connection attempts and requests of a user, from wherever", async () => {
      for (let index = 0; index < 3; index += 1) {
        const socket = await as("d1", `203.0.113.3${index}`);
        assert.equal(await outcome(socket), "connected");
        socket.disconnect();
        await waitFor(
          "it is over",
          async () => (await refusedBy("user-connections")) >= 0 && !socket.connected,
        );
      }
      await waitFor(
        "it is one too many",
        async () => (await outcome(await as("d1", "203.0.113.39"))) === "rate_limited",
      );
      assert.ok((await refusedBy("user-connect")) >= 1);
      const authorization = `Bearer ${await makeToken({ sub: "d2" })}`;
      const ask = (address: string) =>
        fetch(`${server().url}/api/cluster`, { headers: { authorization, "x-forwarded-for": address } });
      assert.equal((await ask("203.0.113.40")).status, 200);
      assert.equal((await ask("203.0.113.41")).status, 200);
      const refused = await ask("203.0.113.42");
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get("retry-after")) > 0);
      assert.equal(await refusedBy("user-http"), 1);
    });
  });
  describe("the limit of time", () => {
    const server = useServer(runtime, { AUTH_SECRET: authSecret });
    const { socketTo } = useClients();
    const as = async (sub: string) =>
      socketTo(server().url, { token: await makeToken({ sub, documents: { "*": "write" } }) });

    test("time that everybody else waits, of a user", async () => {
      const socket = await as("t1");
      await socket.emitWithAck("join-document", { documentId: "costly" });
      // Each of its 45,000 parts takes time to merge.
      const update = manyStructs(45_000, 7);
      let refused: ErrorReply["error"] | undefined;
      for (let round = 0; round < 20 && !refused; round += 1) {
        const reply = await socket.emitWithAck("send-changes", { documentId: "costly", update });
        if (!reply.ok) refused = reply.error;
      }
      assert.equal(refused?.code, "rate_limited");
      assert.ok((refused?.retryAfterMs ?? 0) > 0);
      assert.ok((await metric(server().url, "trimaran_refused_total", { reason: "cost" })) > 0);
      const other = await as("t2");
      assert.ok(
        (await other.emitWithAck("join-document", { documentId: "another" })).ok,
        "others do not wait",
      );
    });
  });
}
