import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { clockToleranceS } from "../../src/platform/auth/tokens.ts";
import { ask } from "../support/api.ts";
import { useMembers } from "../support/members.ts";
import { useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";

/** What backends can do over HTTP. */
export function backendSuite(runtime: RuntimeName): void {
  describe("the server's API", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      API_KEYS: `another-key-that-is-long-enough-as-well,${apiKey}`,
    });
    const { member, socketTo } = useMembers();
    const url = () => server().url;
    const call = (...args: Parameters<typeof ask> extends [string, ...infer R] ? R : never) =>
      ask(url(), ...args);
    const join = async (id: string, sub = "ada") =>
      member(url(), id, { token: await makeToken({ sub, documents: { "*": "write" } }) });

    const routes: [method: string, path: string, body?: unknown][] = [
      ["POST", "/api/documents/x/events", { event: "said", payload: {} }],
      ["GET", "/api/users/ada/connections"],
      ["DELETE", "/api/users/ada/connections"],
      ["POST", "/api/revocations", { userId: "ada" }],
    ];

    test("is for backends alone", async () => {
      const user = await makeToken({ documents: { "*": "write" } });
      for (const [method, path, body] of routes) {
        assert.equal((await call(method, path, { body, bearer: "nonsense" })).status, 401, path);
        assert.equal((await call(method, path, { body, bearer: user })).status, 403, path);
      }
      const service = await makeToken({ sub: "backend", service: true });
      assert.equal((await call("GET", "/api/users/ada/connections", { bearer: service })).status, 200);
    });

    test("bad input is refused with a code, and changes nothing", async () => {
      const id = newId();
      const ada = await join(id);
      const events = `/api/documents/${id}/events`;
      const said = { event: "said", payload: { id: "1", from: "x", text: "x" } };
      const key = { "idempotency-key": "1" };
      const bad: [
        status: number,
        method: string,
        path: string,
        body: unknown,
        headers?: Record<string, string>,
      ][] = [
        [400, "POST", events, said],
        [400, "POST", events, said, { "idempotency-key": "two words" }],
        [400, "POST", `/api/documents/${"a".repeat(129)}/events`, said, key],
        [400, "POST", events, { event: "mode", payload: {} }, key],
        [400, "POST", events, { event: "put-here", payload: {} }, key],
        [400, "POST", events, [], key],
        [400, "POST", events, { event: "said", payload: { id: 1, from: "x", text: "" } }, key],
        [400, "POST", "/api/revocations", {}],
        [400, "POST", "/api/revocations", { userId: "ada", action: "own" }],
      ];
      for (const [status, method, path, body, headers] of bad) {
        const answer = await call(method, path, { body, ...(headers && { headers }) });
        assert.equal(answer.status, status, `${path} ${JSON.stringify(body).slice(0, 80)}`);
        assert.ok(["invalid", "too_large"].includes(answer.body.error?.code ?? ""), path);
      }
      const response = await fetch(`${url()}/api/revocations`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}` },
        body: "{",
      });
      assert.equal(response.status, 400);
      await ada.say("undisturbed");
      await waitFor("Ada hears herself", () => ada.heard.length > 0);
      assert.deepEqual(ada.heard, ["undisturbed"]);
    });

    test("an event reaches the members once for each key", async () => {
      const id = newId();
      const ada = await join(id);
      const send = (key: string, text: string) =>
        call("POST", `/api/documents/${id}/events`, {
          body: { event: "said", payload: { id: key, from: "The backend", text } },
          headers: { "idempotency-key": key },
        });
      for (const [key, text] of [
        ["1", "one"],
        ["1", "one"],
        ["2", "two"],
      ] as const) {
        assert.deepEqual((await send(key, text)).body, { ok: true });
      }
      await waitFor("both are there", () => ada.heard.length >= 2);
      assert.deepEqual(ada.heard, ["one", "two"]);
    });

    test("connections are listed, and ended; the client comes back", async () => {
      const id = newId();
      const ada = await join(id, "listed");
      const list = async () => (await call("GET", "/api/users/listed/connections")).body.connections ?? [];
      const [connection] = await list();
      assert.deepEqual([connection?.namespace, connection?.documents], ["/", [id]]);
      let gone = 0;
      ada.socket.on("disconnect", () => (gone += 1));
      assert.equal((await call("DELETE", "/api/users/listed/connections")).status, 200);
      await waitFor("she was gone", () => gone === 1);
      await waitFor("she is back", () => ada.membership.synced);
      assert.equal((await list()).length, 1);
    });

    test("a token whose issuer's clock is ahead is revoked as well; one made soon after gets in", async () => {
      const token = () => makeToken({ sub: "vera", documents: { "*": "write" }, issuedInS: 0 });
      const ahead = await makeToken({ sub: "vera", documents: { "*": "write" }, issuedInS: 4 });
      const outcome = (given: string) =>
        new Promise<string>((resolve) => {
          const socket = socketTo(url(), { token: given, reconnection: false });
          socket.once("connect", () => resolve("in"));
          socket.once("connect_error", ({ message }) => resolve(message));
        });
      assert.equal(await outcome(ahead), "in");
      assert.equal((await call("POST", "/api/revocations", { body: { userId: "vera" } })).status, 200);
      assert.equal(await outcome(ahead), "the token was revoked");
      // Not by trying again and again: attempts of a user have a limit. `iat` is in whole seconds.
      const newerAt = Date.now() + (clockToleranceS + 1) * 1000;
      await waitFor("the tolerance is over", () => Date.now() > newerAt);
      assert.equal(await outcome(await token()), "in");
      assert.equal(await outcome(ahead), "the token was revoked", "not even then");
    });

    test("what is revoked is gone at once, until there is a newer token", async () => {
      const id = newId();
      const tokenOf = (issuedInS: number) =>
        makeToken({ sub: "rose", documents: { "*": "write" }, issuedInS });
      // One token, however late it is used: one issued some seconds after the revocation would count.
      const old = await tokenOf(-2);
      let token = () => Promise.resolve(old);
      const rose = await member(url(), id, { token: () => token() });
      const bob = await join(id, "bob");
      const access = () => rose.membership.state.access;
      const revoke = (body: object) =>
        call("POST", "/api/revocations", { body: { userId: "rose", ...body } });

      assert.deepEqual((await revoke({ documentId: id, action: "write" })).body, {
        ok: true,
        stored: "local",
      });
      await waitFor("she may only read", () => access() === "read");
      const said = await rose.socket.emitWithAck("say", { documentId: id, id: "0", text: "x" });
      assert.equal(!said.ok && said.error.code, "forbidden");
      await bob.say("1");
      await waitFor("she still hears", () => rose.heard.length === 1);

      await revoke({ documentId: id });
      await waitFor("she may not read", () => access() === "none");
      await bob.say("secret");
      await waitFor("Bob hears himself", () => bob.heard.length === 2);
      const joined = await rose.socket.emitWithAck("join-document", { documentId: id });
      assert.equal(!joined.ok && joined.error.code, "forbidden");
      assert.deepEqual(rose.heard, ["1"]);

      let refused = 0;
      rose.socket.on("connect_error", () => (refused += 1));
      await revoke({});
      await waitFor("her token does not count any more", () => refused > 0);
      // Within the clocks' tolerance of 5 s a token may be from before: the client asks for another until it is not.
      token = () => tokenOf(3);
      await waitFor("a newer one does", () => access() === "write" && rose.membership.synced);
      await bob.say("2");
      await waitFor("she hears again", () => rose.heard.length === 2);
      assert.deepEqual(rose.heard, ["1", "2"]);
    });
  });
}
