import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { Replica } from "../../../../deploy/local/replica.ts";
import { newId } from "../../../support/sockets.ts";
import { type Claims, apiKey, makeToken } from "../../../support/tokens.ts";
import { ask } from "../../../support/api.ts";
import { useClients } from "../support/clients.ts";
import { insertion } from "../support/yjs.ts";

/** Who may read a document, and who may change it. The server asks for tokens, and logs all it has to log. */
export function accessSuite(server: () => Replica): void {
  describe("permissions", () => {
    const { person, socketTo } = useClients();
    const url = () => server().url;
    const token = (claims: Claims = {}) => makeToken({ documents: { "*": "write" }, ...claims });
    const get = (path: string, bearer?: string) =>
      fetch(url() + path, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

    test("a document that a token does not have can be neither read nor changed, over any way", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      bob.text.insert(0, "secret");
      await bob.provider.whenSaved();
      const given = await token({ sub: "eve", documents: { [newId()]: "write" } });
      const socket = socketTo(url(), { token: given });
      const join = await socket.emitWithAck("join-document", { documentId: id });
      assert.equal(!join.ok && join.error.code, "forbidden");
      const payload = { documentId: id, update: insertion("intruder") };
      const changes = await socket.emitWithAck("send-changes", payload);
      assert.equal(!changes.ok && changes.error.code, "not_joined");
      assert.equal((await get(`/api/documents/${id}`, given)).status, 403);
      assert.equal((await get(`/api/documents/${id}`)).status, 401);
      assert.equal((await get(`/api/documents/${id}`, await token({ sub: "bob" }))).status, 200);
      assert.equal(bob.text.toString(), "secret");
    });

    test("a reader receives changes, and its own stay with it and count as unsaved", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      const reader = await person(url(), id, {
        token: await token({ sub: "rita", documents: { [`${id.slice(0, 6)}*`]: "read" } }),
      });
      assert.equal(reader.provider.state.access, "read");
      bob.text.insert(0, "to read");
      await waitFor("the reader has it", () => reader.text.toString() === "to read");
      reader.text.insert(0, "not ");
      const changes = { documentId: id, update: insertion("x") };
      const reply = await reader.socket.emitWithAck("send-changes", changes);
      assert.equal(!reply.ok && reply.error.code, "forbidden");
      assert.equal(bob.text.toString(), "to read");
      assert.equal(reader.provider.state.unsavedChanges, true);
    });

    test("what was taken away before a recovery is not given by it", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      let documents: NonNullable<Claims["documents"]> = { [id]: "write" };
      const ada = await person(url(), id, { token: () => token({ sub: "ada", documents }) });
      documents = {};
      ada.socket.io.engine.close();
      await waitFor("Ada is gone", () => !ada.socket.connected);
      bob.text.insert(0, "secret");
      await bob.provider.whenSaved();
      await waitFor("Ada learns that she may not", () => ada.provider.state.access === "none");
      assert.equal(ada.text.toString(), "");
    });

    test("what is revoked is gone at once", async () => {
      const id = newId();
      const rose = await person(url(), id, { token: await token({ sub: "rose" }) });
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      const revoke = (action: "read" | "write") =>
        ask(url(), "POST", "/api/revocations", { body: { userId: "rose", documentId: id, action } });
      await revoke("write");
      await waitFor("she may only read", () => rose.provider.state.access === "read");
      bob.text.insert(0, "1");
      await waitFor("she still reads", () => rose.text.toString() === "1");
      await revoke("read");
      await waitFor("she may not read", () => rose.provider.state.access === "none");
      bob.text.insert(1, "2");
      await bob.provider.whenSaved();
      assert.equal(rose.text.toString(), "1");
    });

    test("no content is in the log, the metrics or the state", async () => {
      const ada = await person(url(), newId(), { token: await token({ sub: "ada" }) });
      ada.text.insert(0, "a content of its own");
      await ada.provider.whenSaved();
      const shown = [
        server().process.output(),
        await (await get("/metrics")).text(),
        await (await get("/api/cluster", apiKey)).text(),
      ].join("\n");
      assert.ok(shown.includes("connected"), "the log has what happened");
      assert.ok(!shown.includes("of its own"));
    });
  });
}
