import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { type TrimaranClient, refusalOf } from "../../src/client/index.ts";
import { encodePresence } from "../../src/platform/gateway/presence-codec.ts";
import { type Member, type VisibleMember, useMembers } from "../support/members.ts";
import { useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";
import type { talk } from "../support/talk/contract.ts";
import { apiKey, authSecret, makeToken, unsignedToken } from "../support/tokens.ts";

/** The code and the message of the refusal, or "connected". */
function outcomeOf(socket: TrimaranClient): Promise<{ code: string; message: string } | "connected"> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("connect_error", (error) =>
      resolve(refusalOf(error) ?? { code: "none", message: error.message }),
    );
  });
}

/** Who a client is, and what it may do. */
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
    const { member, memberOn, visible, socketTo } = useMembers();
    const url = () => server().url;
    const token = (claims: Parameters<typeof makeToken>[0] = {}) =>
      makeToken({ issuer: "issuer", audience: "trimaran", documents: { "*": "write" }, ...claims });
    const enter = async (room: string, sub: string, claims: Parameters<typeof makeToken>[0] = {}) =>
      member(url(), room, { token: await token({ sub, ...claims }) });
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
      const ada = await member(url(), id, options);
      const heard: string[] = [];
      ada.socket.on("said", ({ from }) => heard.push(from));
      await ada.say("hi");
      await waitFor("it is heard", () => heard.length === 1);
      assert.deepEqual(heard, ["Ada L."]);
      assert.equal((await get(`/api/cluster`, await token())).status, 200);
    });

    test("a room that a token does not have can't be joined, heard, or spoken to, over any way", async () => {
      const [mine, theirs] = [newId(), newId()];
      const bob = await enter(theirs, "bob");
      const given = await token({ sub: "eve", documents: { [mine]: "write" } });
      const socket = socketTo<typeof talk>(url(), { token: given });
      const heard: string[] = [];
      socket.on("said", ({ text }) => heard.push(text));
      const join = await socket.emitWithAck("join-document", { documentId: theirs });
      assert.equal(!join.ok && join.error.code, "forbidden");
      const put = await socket.emitWithAck("put", { documentId: theirs, data: Uint8Array.of(1) });
      assert.equal(!put.ok && put.error.code, "not_joined");
      const say = await socket.emitWithAck("say", { documentId: theirs, id: "1", text: "x" });
      assert.equal(!say.ok && say.error.code, "not_joined");
      assert.equal((await get(`/api/talk/${theirs}/1`, given)).status, 403);
      assert.equal((await get(`/api/talk/${theirs}/1`)).status, 401);
      assert.equal((await get(`/api/talk/${theirs}/1`, await token({ sub: "bob" }))).status, 200);
      assert.equal((await get(`/api/talk/${mine}/1`, given)).status, 200);
      assert.equal((await socket.emitWithAck("join-document", { documentId: mine })).ok, true);
      const cluster = (await (await get("/api/cluster", given)).json()) as { replicas: { rooms: object }[] };
      assert.deepEqual(cluster.replicas[0]?.rooms, {}, "which rooms there are is not told");
      await bob.say("secret");
      await waitFor("Bob hears himself", () => bob.heard.length > 0);
      assert.deepEqual(bob.heard, ["secret"]);
      assert.deepEqual(heard, []);
    });

    test("a reader receives, and can send only what needs no more", async () => {
      const id = newId();
      const bob = await enter(id, "bob");
      const reader = await enter(id, "rita", { documents: { [`${id.slice(0, 6)}*`]: "read" } });
      assert.equal(reader.membership.state.access, "read");
      await bob.say("to hear");
      await waitFor("the reader hears it", () => reader.heard.length === 1);
      const socket = reader.socket as unknown as {
        emitWithAck: (event: string, payload: object) => Promise<{ ok: boolean; error?: { code: string } }>;
      };
      for (const [event, payload] of [
        ["say", { documentId: id, id: "1", text: "x" }],
        ["put", { documentId: id, data: Uint8Array.of(1) }],
        ["send-presence", { documentId: id, update: Uint8Array.of(0) }],
      ] as const)
        assert.equal((await socket.emitWithAck(event, payload)).error?.code, "forbidden", event);
      assert.ok((await socket.emitWithAck("point", { documentId: id, at: 1 })).ok);
      await bob.say("end");
      await waitFor("Bob hears the end", () => bob.heard.includes("end"));
      assert.deepEqual(bob.heard, ["to hear", "end"]);
    });

    test("no client speaks for another user's presence", async () => {
      const id = newId();
      const present = async (sub: string, name: string) =>
        visible(url(), id, { token: await token({ sub, name }) });
      const ada = await present("ada", "Ada");
      ada.awareness.setLocalStateField("user", { name: "Ada", color: "#112233" });
      const bob = await present("bob", "Bob");
      const seenByBob = ({ awareness }: VisibleMember) =>
        bob.awareness.getStates().get(awareness.clientID)?.["user"] as { color?: string } | undefined;
      await waitFor("Bob sees Ada", () => seenByBob(ada));
      // Eve says that Ada is Eve, with a clock that is later than any; and that she herself is Ada.
      const eve = await present("eve", "Eve");
      const hacked = JSON.stringify({ user: { name: "Hacked" } });
      eve.socket.emit("send-presence", {
        documentId: id,
        update: encodePresence([{ clientId: ada.awareness.clientID, clock: 1000, state: hacked }]),
      });
      eve.awareness.setLocalState({ user: { name: "Ada", id: "ada", color: "#445566" } });
      await waitFor("Bob sees Eve", () => seenByBob(eve)?.color === "#445566");
      assert.deepEqual(seenByBob(eve), { name: "Eve", id: "eve", color: "#445566" });
      assert.deepEqual(seenByBob(ada), { name: "Ada", id: "ada", color: "#112233" });
    });

    test("an expired token ends the connection; the client renews, and is a member again", async () => {
      const id = newId();
      const refusals: string[] = [];
      let disconnected = 0;
      // On a busy machine a token may expire before it is looked at: short ones are given until one has ended a
      // connection.
      const socket = socketTo<typeof talk>(url(), {
        token: () => token({ sub: "ada", expiresInS: disconnected === 0 ? 3 : 600 }),
      });
      socket.on("error-message", ({ error }) => refusals.push(error.code));
      socket.on("disconnect", () => (disconnected += 1));
      const ada = memberOn(socket, id);
      await waitFor("the connection is ended", () => disconnected === 1);
      assert.deepEqual(refusals, ["unauthorized"]);
      await waitFor("Ada is a member again", () => ada.membership.synced);
      const bob = await enter(id, "bob");
      assert.ok((await ada.say("with a new token")).ok);
      await waitFor("Bob hears it", () => bob.heard.length === 1);
      assert.equal(disconnected, 1);
    });

    /** Breaks the connection of a member, which comes back by itself. */
    async function breakOff({ socket }: Pick<Member, "socket">): Promise<void> {
      socket.io.engine.close();
      await waitFor("the connection is gone", () => !socket.connected);
    }

    test("a recovered connection is looked at again: another user gets nothing of it", async () => {
      const id = newId();
      const bob = await enter(id, "bob");
      let who = "ada";
      const socket = socketTo<typeof talk>(url(), { token: () => token({ sub: who }) });
      const heard: string[] = [];
      socket.on("said", ({ text }) => heard.push(text));
      assert.ok((await socket.emitWithAck("join-document", { documentId: id })).ok);
      await bob.say("before");
      await waitFor("Ada hears it", () => heard.length === 1);
      who = "eve";
      await breakOff({ socket });
      await bob.say("for ada");
      await waitFor("Eve is there", () => socket.connected);
      assert.equal(socket.recovered, false);
      const left = await socket.emitWithAck("say", { documentId: id, id: "3", text: "x" });
      assert.equal(!left.ok && left.error.code, "not_joined");
      assert.deepEqual(heard, ["before"]);
    });

    test("what was taken away before a recovery is not given by it", async () => {
      const id = newId();
      const bob = await enter(id, "bob");
      let documents: Record<string, "read" | "write"> = { [id]: "write" };
      const ada = await member(url(), id, { token: () => token({ sub: "ada", documents }) });
      documents = {};
      await breakOff(ada);
      await bob.say("secret");
      await waitFor("Ada learns that she may not", () => ada.membership.state.access === "none");
      assert.deepEqual(ada.heard, []);
    });

    test("no secret, token or content is in the log, the metrics or the state", async () => {
      const given = await token({ sub: "ada" });
      const id = newId();
      const ada = await member(url(), id, { token: given });
      const content = new TextEncoder().encode("a content of its own");
      assert.ok((await ada.socket.emitWithAck("put", { documentId: id, data: content })).ok);
      assert.ok((await ada.say("a message of its own")).ok);
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
