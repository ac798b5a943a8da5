import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { requestText, sendAndStopReading } from "../support/raw-http.ts";
import { metric, useServer } from "../support/server.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

const maxBytes = 2 ** 24;
/** More than the system's own buffers of a connection take, and less than the bound. */
const length = 14_000_000;
const path = `/api/talk/large/${length}`;

/** What is held for answers that clients don't read. */
export function answerSuite(runtime: RuntimeName): void {
  describe("answers that are not read", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: authSecret,
      USER_ANSWERS_MAX_BYTES: String(maxBytes),
    });
    const held = () => metric(server().url, "trimaran_answers_bytes");
    const get = async (sub: string, init: RequestInit = {}) =>
      fetch(server().url + path, {
        ...init,
        headers: { authorization: `Bearer ${await makeToken({ sub, documents: { "*": "read" } })}` },
      });
    const requestOf = async (sub: string, target = path) =>
      requestText(target, {
        headers: {
          Host: "x",
          Authorization: `Bearer ${await makeToken({ sub, documents: { "*": "read" } })}`,
        },
      });

    test("one that is read comes whole, with its length where the runtime can", async () => {
      const [first, second] = await Promise.all([get("ada"), get("bob")]);
      const [bytes, same] = await Promise.all([first.arrayBuffer(), second.arrayBuffer()]);
      assert.equal(bytes.byteLength, length);
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
        "answers with the same body share its bytes",
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
      const size = 60_000;
      const request = await requestOf("fred", `/api/talk/small/${size}`);
      const clients = await Promise.all(
        // More than the system's buffers of a connection take.
        Array.from({ length: 5 }, () => sendAndStopReading(server().port, request.repeat(100))),
      );
      // Bun closes a connection whose client sends a request while an answer is not ready.
      if (runtime !== "bun") await waitFor("some are held", async () => (await held()) > 0);
      assert.ok((await held()) <= (clients.length + 1) * (size + 100), `${await held()} bytes are held`);
      for (const { close } of clients) close();
      await waitFor("nothing is held any more", async () => (await held()) === 0);
    });

    test("of several bodies each counts", async () => {
      const first = await sendAndStopReading(server().port, await requestOf("carl"));
      const second = await sendAndStopReading(
        server().port,
        await requestOf("carl", `${path.slice(0, -1)}1`),
      );
      assert.deepEqual([first.answer.status, second.answer.status], [200, 429]);
      for (const { close } of [first, second]) close();
    });
  });

  describe("an answer that a client stops reading", () => {
    const server = useServer(runtime, { BODY_TIMEOUT_MS: "3000" });

    test("is ended, and so are those behind it on the same connection", async () => {
      const request = requestText(path, { headers: { Host: "x" } });
      const held = () => metric(server().url, "trimaran_answers_bytes");
      const clients = [await sendAndStopReading(server().port, request)];
      clients.push(await sendAndStopReading(server().port, request.repeat(5)));
      // As a client that is gone: not every runtime tells of requests that wait behind another.
      clients[1]?.close();
      await waitFor("nothing is held any more", async () => (await held()) === 0);
      clients[0]?.close();
    });
  });
}
