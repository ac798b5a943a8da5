import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { metric, useServer } from "../support/server.ts";
import { type Transport, newId, useSockets } from "../support/sockets.ts";
import type { talk } from "../support/talk/contract.ts";

const transports: Transport[] = ["websocket", "polling"];
const junk = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`junk-${index}`, index]));

/** What the byte limit counts: the event as it came, and not what the contract knows of it. */
export function countedByteSuite(runtime: RuntimeName): void {
  describe("the bytes of an event", () => {
    const server = useServer(runtime, { BYTE_RATE: "600000/60s" });
    const { socketTo } = useSockets();
    const large = new Uint8Array(500_000);
    const small = Uint8Array.of(1);

    const events: [what: string, payload: Record<string, unknown> & { data: Uint8Array }][] = [
      ["500 KB of data behind 70 keys that the contract does not know", { ...junk, data: large }],
      ["500 KB of text in a key that the contract does not know", { data: small, junk: "x".repeat(500_000) }],
      ["500 KB of an attachment that the contract does not know", { data: small, junk: large }],
      ["500 KB in deep values of such a key", { data: small, junk: [[["x".repeat(500_000)]]] }],
    ];
    for (const transport of transports) {
      for (const [what, payload] of events) {
        test(`${what} are counted (${transport})`, async () => {
          const socket = socketTo<typeof talk>(server().url, { transports: [transport] });
          const documentId = newId();
          await socket.emitWithAck("join-document", { documentId });
          const send = () => socket.emitWithAck("put", { ...payload, documentId });
          assert.equal((await send()).ok, true);
          const reply = await send();
          assert.equal(!reply.ok && reply.error.code, "rate_limited");
        });
      }
    }

    test("each that was refused is counted", async () => {
      const refused = await metric(server().url, "trimaran_refused_total", { reason: "byte" });
      assert.equal(refused, events.length * transports.length);
    });
  });
}
