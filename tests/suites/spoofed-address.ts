import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { refusalOf } from "../../src/client/index.ts";
import { useServer } from "../support/server.ts";
import { useSockets } from "../support/sockets.ts";

/** A client that connects directly, and claims another address. */
export function spoofedAddressSuite(runtime: RuntimeName): void {
  describe("a spoofed X-Forwarded-For", () => {
    const server = useServer(runtime, {
      TRUSTED_PROXIES: "203.0.113.7",
      HTTP_RATE: "3/60s",
      CONNECT_RATE: "3/60s",
    });
    const { socketTo } = useSockets();
    const spoofed = (index: number) => ({ "x-forwarded-for": `198.51.100.${index}, 203.0.113.7` });

    test("is not believed for requests", async () => {
      const statuses: number[] = [];
      for (let index = 0; index < 5; index += 1)
        statuses.push((await fetch(`${server().url}/api/cluster`, { headers: spoofed(index) })).status);
      assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
    });

    test("nor for connections, by WebSocket or long-polling", async () => {
      const outcomes: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        const socket = socketTo(server().url, {
          transports: [index % 2 === 0 ? "websocket" : "polling"],
          extraHeaders: spoofed(index),
          reconnection: false,
        });
        outcomes.push(
          await new Promise<string>((resolve) => {
            socket.once("connect", () => resolve("connected"));
            socket.once("connect_error", (error) => resolve(refusalOf(error)?.code ?? error.message));
          }),
        );
      }
      assert.deepEqual(outcomes, ["connected", "connected", "connected", "rate_limited", "rate_limited"]);
    });
  });
}
