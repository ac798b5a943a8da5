import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { requestText, sendAndStopReading } from "../support/raw-http.ts";
import { metric, useServer } from "../support/server.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";
import { insertion } from "../features/documents/support/yjs.ts";
import { ask } from "./backend.ts";

const maxBytes = 2 ** 24;
const parts = 4;
/** Together more than the system's own buffers of a connection take, and less than the bound. */
const partLength = 3_500_000;

/** What is held for answers that clients don't read. */
export function answerSuite(runtime: RuntimeName): void {
  describe("answers that are not read", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      API_KEYS: apiKey,
      USER_ANSWERS_MAX_BYTES: String(maxBytes),
    });
    const path = "/api/documents/large";
    const held = () => metric(server().url, "trimaran_answers_bytes");
    const get = async (sub: string, init: RequestInit = {}) =>
      fetch(server().url + path, {
        ...init,
        headers: { authorization: `Bearer ${await makeToken({ sub, documents: { "*": "read" } })}` },
      });
    const requestOf = async (sub: string) =>
      requestText(path, {
        headers: {
          Host: "x",
          Authorization: `Bearer ${await makeToken({ sub, documents: { "*": "read" } })}`,
        },
      });
    let length = 0;

    before(async () => {
      for (let part = 0; part < parts; part += 1) {
        const body = insertion(String(part).repeat(partLength));
        assert.equal((await ask(server().url, "POST", `${path}/changes`, { body })).status, 200);
      }
    });

    test("one that is read comes whole, with its length where the runtime can", async () => {
      const [first, second] = await Promise.all([get("ada"), get("bob")]);
      const [bytes, same] = await Promise.all([first.arrayBuffer(), second.arrayBuffer()]);
      length = bytes.byteLength;
      assert.ok(length > parts * partLength, String(length));
      assert.deepEqual(Buffer.from(same), Buffer.from(bytes));
      const expected = runtime === "bun" ? null : String(length);
      assert.equal(first.headers.get("content-length"), expected);
      await waitFor("nothing is held any more", async () => (await held()) === 0);
    });

    test("HEAD holds nothing", async () => {
      const head = await get("ada", { method: "HEAD" });
      assert.equal(head.status, 200);
      assert.equal(await held(), 0);
    });

    test("their bytes are bounded for a user, refused in words past it, and let go when the clients are gone", async () => {
      const request = await requestOf("ada");
      const clients = await Promise.all(
        Array.from({ length: 60 }, () => sendAndStopReading(server().port, request)),
      );
      const statuses = clients.map(({ answer }) => answer.status);
      const bytes = await held();
      assert.ok(bytes > length && bytes <= maxBytes, `${bytes} bytes are held`);
      assert.ok(
        statuses.filter((status) => status === 200).length > 20,
        "readers of one version share its bytes",
      );
      const refused = clients.find(({ answer }) => answer.status === 429)?.answer.text ?? "";
      assert.match(refused, /"code":"rate_limited".*not read yet/s);
      assert.match(refused, /^retry-after: *\d+/im);
      // The bound is that user's alone.
      assert.equal((await (await get("bob")).arrayBuffer()).byteLength, length);
      for (const { close } of clients) close();
      await waitFor("nothing is held any more", async () => (await held()) === 0);
      assert.equal((await (await get("ada")).arrayBuffer()).byteLength, length);
    });

    test("those behind one another on a connection, too", async () => {
      const client = await sendAndStopReading(server().port, (await requestOf("dora")).repeat(20));
      assert.ok((await held()) <= maxBytes);
      client.close();
      assert.equal((await (await get("bob")).arrayBuffer()).byteLength, length);
    });

    test("small ones are counted as well: one of a connection at a time", async () => {
      const body = insertion("x".repeat(60_000));
      const small = "/api/documents/small";
      assert.equal((await ask(server().url, "POST", `${small}/changes`, { body })).status, 200);
      const request = requestText(small, { headers: { Host: "x", Authorization: `Bearer ${apiKey}` } });
      const clients = await Promise.all(
        // More than the system's buffers of a connection take.
        Array.from({ length: 5 }, () => sendAndStopReading(server().port, request.repeat(100))),
      );
      // Bun closes a connection whose client sends a request while an answer is not ready.
      if (runtime !== "bun") await waitFor("some are held", async () => (await held()) > 0);
      assert.ok(
        (await held()) <= (clients.length + 1) * (body.length + 100),
        `${await held()} bytes are held`,
      );
      for (const { close } of clients) close();
      await waitFor("nothing is held any more", async () => (await held()) === 0);
    });

    test("of several versions of a document each counts", async () => {
      const request = await requestOf("carl");
      const first = await sendAndStopReading(server().port, request);
      await ask(server().url, "POST", `${path}/changes`, { body: insertion("another version") });
      const second = await sendAndStopReading(server().port, request);
      assert.deepEqual([first.answer.status, second.answer.status], [200, 429]);
      for (const { close } of [first, second]) close();
    });
  });

  describe("an answer that a client stops reading", () => {
    const server = useServer(runtime, { BODY_TIMEOUT_MS: "3000", API_KEYS: apiKey });

    test("is ended, and so are those behind it on the same connection", async () => {
      const path = "/api/documents/large";
      for (let part = 0; part < parts; part += 1) {
        const body = insertion(String(part).repeat(partLength));
        assert.equal((await ask(server().url, "POST", `${path}/changes`, { body })).status, 200);
      }
      const request = requestText(path, { headers: { Host: "x" } });
      const held = () => metric(server().url, "trimaran_answers_bytes");
      const clients = [await sendAndStopReading(server().port, request)];
      clients.push(await sendAndStopReading(server().port, request.repeat(5)));
      // As a client that is gone: of those that wait behind another, not every runtime tells.
      clients[1]?.close();
      await waitFor("nothing is held any more", async () => (await held()) === 0);
      clients[0]?.close();
    });
  });
}
