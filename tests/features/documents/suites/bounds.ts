import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { RuntimeName } from "../../../../deploy/local/replica.ts";
import type { ErrorReply, TrimaranClient } from "../../../../src/client/index.ts";
import { requestText, sendAndStopReading } from "../../../support/raw-http.ts";
import { metric, useServer } from "../../../support/server.ts";
import { newId, useSockets } from "../../../support/sockets.ts";
import { apiKey, authSecret, makeToken } from "../../../support/tokens.ts";
import { ask } from "../../../support/api.ts";
import { manyStructs } from "../security/updates.ts";
import { insertion } from "../support/yjs.ts";

const answersMaxBytes = 2 ** 24;

/** What documents may cost the server: their logs, their answers, and the processor's time. */
export function boundSuite(runtime: RuntimeName): void {
  describe("bounds", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      API_KEYS: apiKey,
      MAX_DOCUMENT_UPDATES: "10",
      USER_ANSWERS_MAX_BYTES: String(answersMaxBytes),
    });
    const { socketTo } = useSockets();
    const tokenOf = (sub: string) => makeToken({ sub, documents: { "*": "write" } });
    const as = async (sub: string) => socketTo(server().url, { token: await tokenOf(sub) });

    test("changes of a document before its log is merged", async () => {
      const merges = () => metric(server().url, "trimaran_document_merges_total");
      const sockets = await Promise.all(["m1", "m2", "m3"].map(as));
      const documentId = newId();
      for (const socket of sockets) await socket.emitWithAck("join-document", { documentId });
      for (let index = 0; index < 10; index += 1) {
        if (index === 9) assert.equal(await merges(), 0);
        const from = sockets[index % 3] as TrimaranClient;
        const reply = await from.emitWithAck("send-changes", { documentId, update: insertion("x") });
        assert.equal(reply.ok, true);
      }
      assert.equal(await merges(), 1);
    });

    test("answers that are not read: readers of one version share its bytes, each version counts", async () => {
      const path = "/api/documents/large";
      const write = async (text: string) => {
        const { status } = await ask(server().url, "POST", `${path}/changes`, { body: insertion(text) });
        assert.equal(status, 200);
      };
      // Together more than the system's own buffers of a connection take, and less than the bound.
      for (let part = 0; part < 4; part += 1) await write(String(part).repeat(3_500_000));
      const open = async (sub: string) => {
        const headers = { Host: "x", Authorization: `Bearer ${await tokenOf(sub)}` };
        return sendAndStopReading(server().port, requestText(path, { headers }));
      };
      const readers = await Promise.all(Array.from({ length: 5 }, () => open("ada")));
      for (const { answer } of readers) assert.equal(answer.status, 200);
      const held = await metric(server().url, "trimaran_answers_bytes");
      assert.ok(held > 14_000_000 && held <= answersMaxBytes, `${held} bytes are held`);
      await write("another version");
      const late = await open("ada");
      assert.equal(late.answer.status, 429);
      for (const { close } of [late, ...readers]) close();
      await waitFor(
        "nothing is held any more",
        async () => (await metric(server().url, "trimaran_answers_bytes")) === 0,
      );
    });

    test("time that all others wait, of a user", async () => {
      const socket = await as("t1");
      const documentId = newId();
      await socket.emitWithAck("join-document", { documentId });
      // Each of its 45,000 parts takes time to merge.
      const update = manyStructs(45_000, 7);
      let refused: ErrorReply["error"] | undefined;
      for (let round = 0; round < 20 && !refused; round += 1) {
        const reply = await socket.emitWithAck("send-changes", { documentId, update });
        if (!reply.ok) refused = reply.error;
      }
      assert.equal(refused?.code, "rate_limited");
      assert.ok((refused?.retryAfterMs ?? 0) > 0);
      assert.ok((await metric(server().url, "trimaran_refused_total", { reason: "cost" })) > 0);
      const other = await as("t2");
      assert.ok((await other.emitWithAck("join-document", { documentId: newId() })).ok, "others do not wait");
    });
  });
}
