import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { newId, useClients } from "../support/clients.ts";
import { useServer } from "../support/server.ts";

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
}
