import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { type TrimaranClient, refusalOf } from "../../src/client/index.ts";
import { newId } from "../support/sockets.ts";
import { useClients } from "../features/documents/support/clients.ts";
import { useServer } from "../support/server.ts";
import { apiKey, authSecret, makeToken, unsignedToken } from "../support/tokens.ts";
import { insertion } from "../features/documents/support/yjs.ts";

/** The code and the message of the refusal, or "connected". */
function outcomeOf(socket: TrimaranClient): Promise<{ code: string; message: string } | "connected"> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("connect_error", (error) =>
      resolve(refusalOf(error) ?? { code: "none", message: error.message }),
    );
  });
}

/** Who somebody is, and what they may do. */
export function authSuite(runtime: RuntimeName): void {
  describe("authentication", () => {
    const server = useServer(runtime, {
      NODE_ENV: "production",
      AUTH_SECRET: authSecret,
      AUTH_ISSUER: "issuer",
      AUTH_AUDIENCE: "trimaran",
      AUTH_MAX_AGE_S: "3600",
      API_KEYS: apiKey,
      LOG_LEVEL: "trace",
    });
    const { person, documentOn, socketTo } = useClients();
    const url = () => server().url;
    const token = (claims: Parameters<typeof makeToken>[0] = {}) =>
      makeToken({ issuer: "issuer", audience: "trimaran", documents: { "*": "write" }, ...claims });
    const connectWith = (given: string | undefined) =>
      outcomeOf(socketTo(url(), { reconnection: false, ...(given !== undefined && { token: given }) }));
    const get = (path: string, bearer?: string) =>
      fetch(url() + path, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

    const bad: [what: string, make: () => string | undefined | Promise<string>][] = [
      ["no token", () => undefined],
      ["no token at all but text", () => "sesame"],
      ["an empty token", () => ""],
      ["a token of another key", () => token({ secret: "another secret that is long enough too" })],
      ["an expired token", () => token({ issuedInS: -100, expiresInS: -50 })],
      ["a token of another issuer", () => token({ issuer: "somebody" })],
      ["a token for another audience", () => token({ audience: "others" })],
      ["a token that is too old", () => token({ issuedInS: -4000 })],
      ["a token from the future", () => token({ issuedInS: 500 })],
      ["a token for nobody", () => token({ sub: "" })],
      ["a token with a role that does not exist", () => token({ documents: { "*": "own" as "read" } })],
      [
        "an unsigned token",
        () =>
          unsignedToken({
            sub: "ada",
            iss: "issuer",
            aud: "trimaran",
            iat: Date.now() / 1000,
            exp: Date.now(),
          }),
      ],
      ["a token that is too long", () => "a".repeat(9000)],
    ];

    test("what does not hold is unauthorized, for events and HTTP alike", async () => {
      for (const [what, make] of bad) {
        const given = await make();
        const outcome = await connectWith(given);
        assert.ok(outcome !== "connected", what);
        assert.equal(outcome.code, "unauthorized", what);
        const response = await get("/api/cluster", given);
        assert.equal(response.status, 401, what);
        const body = (await response.json()) as { error: { code: string; message: string } };
        assert.equal(body.error.code, "unauthorized", what);
        assert.equal(response.headers.get("www-authenticate"), "Bearer");
        if (given) assert.ok(!body.error.message.includes(given), what);
      }
    });

    test("a good token comes in, and its name counts", async () => {
      const id = newId();
      const options = { token: await token({ sub: "ada", name: "Ada L." }), name: "Somebody else" };
      const ada = await person(url(), id, options);
      const heard: string[] = [];
      ada.socket.on("receive-message", ({ from }) => heard.push(from));
      await ada.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "hi" });
      await waitFor("the message comes", () => heard.length === 1);
      assert.deepEqual(heard, ["Ada L."]);
      assert.equal((await get(`/api/cluster`, await token())).status, 200);
    });

    test("without a role a document can be neither read nor written, over any way", async () => {
      const [mine, theirs] = [newId(), newId()];
      const bob = await person(url(), theirs, { token: await token({ sub: "bob" }) });
      bob.text.insert(0, "secret");
      await bob.provider.whenSaved();
      const given = await token({ sub: "eve", documents: { [mine]: "write" } });
      const socket = socketTo(url(), { token: given });
      const join = await socket.emitWithAck("join-document", { documentId: theirs });
      assert.equal(!join.ok && join.error.code, "forbidden");
      const payload = { documentId: theirs, update: insertion("intruder") };
      const changes = await socket.emitWithAck("send-changes", payload);
      assert.equal(!changes.ok && changes.error.code, "not_joined");
      const message = await socket.emitWithAck("send-message", { documentId: theirs, id: "1", text: "x" });
      assert.equal(!message.ok && message.error.code, "not_joined");
      assert.equal((await get(`/api/documents/${theirs}`, given)).status, 403);
      assert.equal((await get(`/api/documents/${theirs}`)).status, 401);
      assert.equal((await get(`/api/documents/${theirs}`, await token({ sub: "bob" }))).status, 200);
      assert.equal((await socket.emitWithAck("join-document", { documentId: mine })).ok, true);
      const cluster = (await (await get("/api/cluster", given)).json()) as { replicas: { rooms: object }[] };
      assert.deepEqual(cluster.replicas[0]?.rooms, {}, "which documents there are is not told");
      assert.equal(bob.text.toString(), "secret");
      assert.deepEqual(bob.messages, []);
    });

    test("a reader receives, and can send nothing", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      const reader = await person(url(), id, {
        token: await token({ sub: "rita", documents: { [`${id.slice(0, 6)}*`]: "read" } }),
      });
      assert.equal(reader.provider.state.access, "read");
      bob.text.insert(0, "to read");
      await waitFor("the reader has it", () => reader.text.toString() === "to read");
      reader.text.insert(0, "not ");
      const { socket } = reader;
      for (const [event, payload] of [
        ["send-changes", { documentId: id, update: insertion("x") }],
        ["send-message", { documentId: id, id: "1", text: "x" }],
        ["send-presence", { documentId: id, update: Uint8Array.of(0) }],
      ] as const) {
        const reply = await (
          socket as unknown as { emitWithAck: (...args: unknown[]) => Promise<unknown> }
        ).emitWithAck(event, payload);
        assert.deepEqual((reply as { error?: { code: string } }).error?.code, "forbidden", event);
      }
      assert.equal(bob.text.toString(), "to read");
      assert.equal(reader.provider.state.unsavedChanges, true, "what stays here is said to");
    });

    test("nobody speaks for somebody else's presence", async () => {
      const id = newId();
      const ada = await person(url(), id, { token: await token({ sub: "ada", name: "Ada" }) });
      ada.provider.awareness.setLocalStateField("user", { name: "Ada", color: "#112233" });
      const bob = await person(url(), id, { token: await token({ sub: "bob", name: "Bob" }) });
      const seenByBob = () => bob.provider.awareness.getStates().get(ada.doc.clientID)?.["user"];
      await waitFor("bob sees ada", () => seenByBob());
      // Eve says that Ada is Eve, with a clock that is later than any; and that she herself is Ada.
      const eve = await person(url(), id, { token: await token({ sub: "eve", name: "Eve" }) });
      const { awareness } = eve.provider;
      awareness.states.set(ada.doc.clientID, { user: { name: "Hacked" } });
      awareness.meta.set(ada.doc.clientID, { clock: 1000, lastUpdated: Date.now() });
      const { encodeAwarenessUpdate } = await import("y-protocols/awareness");
      eve.socket.emit("send-presence", {
        documentId: id,
        update: encodeAwarenessUpdate(awareness, [ada.doc.clientID]),
      });
      awareness.setLocalState({ user: { name: "Ada", id: "ada", color: "#445566" } });
      const eveAsSeen = () =>
        bob.provider.awareness.getStates().get(eve.doc.clientID)?.["user"] as { color?: string } | undefined;
      await waitFor("bob sees eve", () => eveAsSeen()?.color === "#445566");
      assert.deepEqual(eveAsSeen(), { name: "Eve", id: "eve", color: "#445566" });
      assert.deepEqual(seenByBob(), { name: "Ada", id: "ada", color: "#112233" });
    });

    test("an expired token ends the connection; the client renews, and loses nothing", async () => {
      const id = newId();
      const refusals: string[] = [];
      let disconnected = 0;
      // On a busy machine a token may expire before it is looked at: short ones are given until one has ended a
      // connection.
      const socket = socketTo(url(), {
        token: () => token({ sub: "ada", expiresInS: disconnected === 0 ? 3 : 600 }),
      });
      socket.on("error-message", ({ error }) => refusals.push(error.code));
      socket.on("disconnect", () => (disconnected += 1));
      const ada = documentOn(socket, id);
      await waitFor("the connection is ended", () => disconnected === 1);
      assert.deepEqual(refusals, ["unauthorized"]);
      ada.text.insert(0, "written while it was gone");
      await ada.provider.whenSaved();
      assert.equal(disconnected, 1);
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      assert.equal(bob.text.toString(), "written while it was gone");
    });

    test("a recovered connection is looked at again: another user gets nothing of it", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      let who = "ada";
      const ada = await person(url(), id, { token: () => token({ sub: who }) });
      await bob.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "before" });
      await waitFor("ada hears it", () => ada.messages.length === 1);
      who = "eve";
      ada.provider.destroy();
      ada.socket.io.engine.close();
      await waitFor("she is gone", () => !ada.socket.connected);
      await bob.socket.emitWithAck("send-message", { documentId: id, id: "2", text: "for ada" });
      await waitFor("eve is there", () => ada.socket.connected);
      assert.equal(ada.socket.recovered, false);
      const left = await ada.socket.emitWithAck("send-message", { documentId: id, id: "3", text: "x" });
      assert.equal(!left.ok && left.error.code, "not_joined");
      assert.deepEqual(ada.messages, ["before"]);
    });

    test("what was taken away before a recovery is not given by it", async () => {
      const id = newId();
      const bob = await person(url(), id, { token: await token({ sub: "bob" }) });
      let documents: Record<string, "read" | "write"> = { [id]: "write" };
      const ada = await person(url(), id, { token: () => token({ sub: "ada", documents }) });
      documents = {};
      ada.socket.io.engine.close();
      await waitFor("she is gone", () => !ada.socket.connected);
      await bob.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "secret" });
      bob.text.insert(0, "secret");
      await waitFor("she learns that she may not", () => ada.provider.state.access === "none");
      assert.deepEqual(ada.messages, []);
      assert.equal(ada.text.toString(), "");
    });

    test("whoever left a document hears nothing of it", async () => {
      const id = newId();
      const [ada, bob] = await Promise.all([
        person(url(), id, { token: await token({ sub: "ada" }) }),
        person(url(), id, { token: await token({ sub: "bob" }) }),
      ]);
      await ada.socket.emitWithAck("leave-document", { documentId: id });
      await bob.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "secret" });
      bob.text.insert(0, "secret");
      await bob.provider.whenSaved();
      await waitFor("bob hears himself", () => bob.messages.length === 1);
      await ada.socket.emitWithAck("leave-document", { documentId: id });
      assert.deepEqual(ada.messages, []);
      assert.equal(ada.text.toString(), "");
    });

    test("no secret, token or content is in the log, the metrics or the state", async () => {
      const given = await token({ sub: "ada" });
      const id = newId();
      const ada = await person(url(), id, { token: given });
      ada.text.insert(0, "a content of its own");
      await ada.provider.whenSaved();
      await ada.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "a message of its own" });
      await connectWith(`${given}x`);
      const shown = [
        server().process.output(),
        await (await get("/metrics")).text(),
        await (await get("/readyz")).text(),
        await (await get("/api/cluster", apiKey)).text(),
      ].join("\n");
      assert.ok(shown.includes("connected"), "the log has what happened");
      const secrets = [authSecret, apiKey, given, given.split(".")[2] ?? "", "of its own"];
      for (const secret of secrets) assert.ok(!shown.includes(secret), secret);
    });
  });
}
