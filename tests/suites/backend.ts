import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { clockToleranceS } from "../../src/auth/tokens.ts";
import { newId, useClients } from "../support/clients.ts";
import { metric, useServer } from "../support/server.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";
import { insertion } from "../support/yjs.ts";

interface Answer {
  status: number;
  body: {
    ok?: boolean;
    stored?: string;
    connections?: { namespace: string; documents: string[] }[];
    error?: { code: string };
  };
}

/** Calls the server's API as a backend would. */
export async function ask(
  url: string,
  method: string,
  path: string,
  {
    bearer = apiKey,
    body,
    headers = {},
  }: { bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const isBinary = body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      "content-type": isBinary ? "application/octet-stream" : "application/json",
      ...headers,
    },
    ...(body !== undefined && { body: isBinary ? Uint8Array.from(body) : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** What backends can do over HTTP. */
export function backendSuite(runtime: RuntimeName): void {
  describe("the server's API", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      API_KEYS: `another-key-that-is-long-enough-as-well,${apiKey}`,
      MAX_UPDATE_BYTES: "65536",
      MAX_DOCUMENT_BYTES: "100000",
    });
    const { person, socketTo } = useClients();
    const url = () => server().url;
    const call = (...args: Parameters<typeof ask> extends [string, ...infer R] ? R : never) =>
      ask(url(), ...args);
    const join = async (id: string, sub = "ada") =>
      person(url(), id, { token: await makeToken({ sub, documents: { "*": "write" } }) });

    const routes: [method: string, path: string, body?: unknown][] = [
      ["POST", "/api/documents/x/changes", insertion("x")],
      ["POST", "/api/documents/x/events", { event: "receive-message", payload: {} }],
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

    test("changes reach everybody and are stored; the same again does no harm", async () => {
      const id = newId();
      const ada = await join(id);
      const update = insertion("from the backend");
      for (let times = 0; times < 2; times += 1) {
        const { status, body } = await call("POST", `/api/documents/${id}/changes`, { body: update });
        assert.deepEqual([status, body.ok, body.stored], [200, true, "local"]);
      }
      await waitFor("ada has it", () => ada.text.toString() === "from the backend");
      const response = await fetch(`${url()}/api/documents/${id}`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const doc = new Y.Doc();
      Y.applyUpdate(doc, new Uint8Array(await response.arrayBuffer()));
      assert.equal(doc.getText("content").toString(), "from the backend");
    });

    test("bad input is refused with a code, and changes nothing", async () => {
      const id = newId();
      const ada = await join(id);
      const bad: [
        status: number,
        method: string,
        path: string,
        body: unknown,
        headers?: Record<string, string>,
      ][] = [
        [400, "POST", `/api/documents/${id}/changes`, Uint8Array.of(1, 2, 3, 255)],
        [400, "POST", `/api/documents/${id}/changes`, new Uint8Array()],
        [400, "POST", `/api/documents/${"a".repeat(129)}/changes`, insertion("x")],
        [413, "POST", `/api/documents/${id}/changes`, insertion("x".repeat(70_000))],
        [400, "POST", `/api/documents/${id}/events`, { event: "receive-message", payload: {} }],
        [
          400,
          "POST",
          `/api/documents/${id}/events`,
          { event: "mode", payload: {} },
          { "idempotency-key": "1" },
        ],
        [400, "POST", `/api/documents/${id}/events`, [], { "idempotency-key": "1" }],
        [
          400,
          "POST",
          `/api/documents/${id}/events`,
          { event: "receive-message", payload: { id: 1, from: "x", text: "" } },
          { "idempotency-key": "1" },
        ],
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
      assert.equal(ada.text.toString(), "");
      assert.deepEqual(ada.messages, []);
      assert.ok(ada.socket.connected);
    });

    test("a document does not grow past its bound, whoever has it open", async () => {
      const id = newId();
      const path = `/api/documents/${id}/changes`;
      assert.equal((await call("POST", path, { body: insertion("x".repeat(60_000)) })).status, 200);
      assert.equal((await call("POST", path, { body: insertion("y".repeat(60_000)) })).status, 413);
    });

    test("the log of a document that nobody has open is merged all the same", async () => {
      const path = `/api/documents/${newId()}/changes`;
      const merges = () => metric(url(), "trimaran_document_merges_total");
      const before = await merges();
      for (let index = 0; index < 25; index += 1)
        assert.equal((await call("POST", path, { body: insertion("x") })).status, 200);
      await waitFor("it was merged", async () => (await merges()) > before);
    });

    test("an event reaches the members once for each key", async () => {
      const id = newId();
      const ada = await join(id);
      const send = (key: string, text: string) =>
        call("POST", `/api/documents/${id}/events`, {
          body: { event: "receive-message", payload: { id: key, from: "The backend", text } },
          headers: { "idempotency-key": key },
        });
      for (const [key, text] of [
        ["1", "one"],
        ["1", "one"],
        ["2", "two"],
      ] as const) {
        assert.deepEqual((await send(key, text)).body, { ok: true });
      }
      await waitFor("both are there", () => ada.messages.length >= 2);
      assert.deepEqual(ada.messages, ["one", "two"]);
    });

    test("a message of a client takes no key of a backend", async () => {
      const id = newId();
      const ada = await join(id);
      await ada.socket.emitWithAck("join-document", { documentId: "backend" });
      // If the two had keys of one form, this would have the key of the backend's event.
      const message = { documentId: "backend", id: `${id}:1`, text: "taken" };
      assert.ok((await ada.socket.emitWithAck("send-message", message)).ok);
      await call("POST", `/api/documents/${id}/events`, {
        body: { event: "receive-message", payload: { id: "1", from: "The backend", text: "arrives" } },
        headers: { "idempotency-key": "1" },
      });
      await waitFor("the event arrives", () => ada.messages.includes("arrives"));
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
      await waitFor("she is back", () => ada.provider.synced);
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
      const rose = await person(url(), id, { token: () => token() });
      const bob = await join(id, "bob");
      const revoke = (body: object) =>
        call("POST", "/api/revocations", { body: { userId: "rose", ...body } });

      assert.deepEqual((await revoke({ documentId: id, action: "write" })).body, {
        ok: true,
        stored: "local",
      });
      await waitFor("she may only read", () => rose.provider.state.access === "read");
      bob.text.insert(0, "1");
      await waitFor("she still reads", () => rose.text.toString() === "1");

      await revoke({ documentId: id });
      await waitFor("she may not read", () => rose.provider.state.access === "none");
      bob.text.insert(0, "2");
      await bob.provider.whenSaved();
      await bob.socket.emitWithAck("send-message", { documentId: id, id: "1", text: "secret" });
      const join1 = await rose.socket.emitWithAck("join-document", { documentId: id });
      assert.equal(!join1.ok && join1.error.code, "forbidden");
      assert.equal(rose.text.toString(), "1");
      assert.deepEqual(rose.messages, []);

      let refused = 0;
      rose.socket.on("connect_error", () => (refused += 1));
      await revoke({});
      await waitFor("her token does not count any more", () => refused > 0);
      // Within the clocks' tolerance of 5 s a token may be from before: the client asks for another until it is not.
      token = () => tokenOf(3);
      await waitFor("a newer one does", () => rose.provider.state.access === "write" && rose.provider.synced);
      assert.equal(rose.text.toString(), "21");
    });
  });
}
