import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { RuntimeName } from "../../../../deploy/local/replica.ts";
import { useReplicas } from "../../../support/server.ts";
import { newId } from "../../../support/sockets.ts";
import { useClients } from "../support/clients.ts";
import { insertion } from "../support/yjs.ts";

/** What is stored when the process ends, or the disk is full. */
export function storeSuite(runtime: RuntimeName): void {
  describe("the document store", () => {
    const { start } = useReplicas(runtime);
    const { person, socketTo } = useClients();

    test("a full one: changes are refused, the log says why, nothing is lost", async () => {
      const documentId = newId();
      const full = { DATA_MAX_BYTES: "131072", MAX_UPDATE_BYTES: "1000000" };
      const replica = await start("full", full);
      const ada = await person(replica.url, documentId);
      ada.text.insert(0, "kept");
      await ada.provider.whenSaved();
      const reply = await ada.socket.emitWithAck("send-changes", {
        documentId,
        update: insertion("x".repeat(300_000)),
      });
      assert.equal(reply.ok === false && reply.error.code, "unavailable");
      // The log reaches this process on another way than the reply.
      await waitFor("the log says why", () => /database or disk is full/.test(replica.process.output()));
      ada.text.insert(4, " too");
      await ada.provider.whenSaved();
      await replica.process.stop();
      const again = await start("full", full);
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "kept too");
      await again.process.stop();
    });

    test("SIGTERM: what was acknowledged is there after a restart", async () => {
      const documentId = newId();
      const replica = await start("restart");
      const ada = await person(replica.url, documentId);
      ada.text.insert(0, "before");
      await ada.provider.whenSaved();
      replica.process.kill("SIGTERM");
      assert.deepEqual(await replica.process.exited, { code: 0, signal: null }, replica.process.output());
      await waitFor("Ada is offline", () => ada.provider.state.status === "offline");
      ada.text.insert(6, " and offline");
      const again = await start("restart", { PORT: String(replica.port) });
      await ada.provider.whenSaved();
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "before and offline");
      await again.process.stop();
    });

    test("SIGKILL: what was acknowledged is there after a restart", async () => {
      const documentId = newId();
      const replica = await start("kill");
      const socket = socketTo(replica.url);
      await socket.emitWithAck("join-document", { documentId });
      assert.ok(
        (await socket.emitWithAck("send-changes", { documentId, update: insertion("acknowledged") })).ok,
      );
      replica.process.kill("SIGKILL");
      await replica.process.exited;
      const again = await start("kill");
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "acknowledged");
      await again.process.stop();
    });
  });
}
