import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { useMembers } from "../support/members.ts";
import { ask, dribble, requestText, upgradeHeaders, webSocketFrame } from "../support/raw-http.ts";
import { metric, useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";

const polling = "/socket.io/?EIO=4&transport=polling";
const webSocket = "/socket.io/?EIO=4&transport=websocket";

/** Those who hold a connection by being slow, or by never coming to the point. */
export function slowRequestSuite(runtime: RuntimeName): void {
  describe("slow requests", () => {
    const server = useServer(runtime, {
      HEADERS_TIMEOUT_MS: "1000",
      BODY_TIMEOUT_MS: "3000",
      CONNECT_TIMEOUT_MS: "1500",
      MAX_UPDATE_BYTES: "65536",
    });
    const { member } = useMembers();
    const port = () => server().port;
    const host = () => ({ Host: `127.0.0.1:${port()}` });

    test("each is ended; no other connection is", async () => {
      const id = newId();
      // Both idle for longer than any of the limits, between what the server sends.
      const [ada, bob] = await Promise.all([
        member(server().url, id, { transports: ["polling"] }),
        member(server().url, id, { transports: ["websocket"] }),
      ]);
      const sids = [ada.socket.id, bob.socket.id];
      const opened = await ask(port(), polling);
      const session = `&sid=${/"sid":"([^"]+)"/.exec(opened.text)?.[1]}`;
      const post = (target: string, headers: Record<string, string>) =>
        requestText(target, { method: "POST", headers: { ...host(), ...headers } });
      const kinds: [what: string, start: string, piece?: string][] = [
        ["a connection that says nothing", ""],
        ["a request that stops after one byte", "G"],
        ["a header that grows byte by byte", `GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: `, "a"],
        ["headers without end", "GET /livez HTTP/1.1\r\nHost: x\r\n", "X: y\r\n"],
        [
          "an upgrade whose headers don't end",
          requestText(webSocket, { headers: { ...host(), ...upgradeHeaders } }).replace(/\r\n$/, ""),
          "X: y\r\n",
        ],
        ["a body that grows byte by byte", post("/api/documents/x", { "Content-Length": "60000" }), "a"],
        [
          "a body in chunks without end",
          post("/api/documents/x", { "Transfer-Encoding": "chunked" }),
          "1\r\na\r\n",
        ],
        [
          "a body of long-polling that grows byte by byte",
          post(polling + session, { "Content-Length": "60000" }),
          "4",
        ],
        ["a body that never starts", post(polling + session, { "Transfer-Encoding": "chunked" })],
        [
          "a second request on a connection, that stops",
          `${requestText("/livez", { headers: host() })}GET /`,
          "",
        ],
      ];
      const ends = await Promise.all(
        kinds.map(async ([what, start, piece]) => ({
          what,
          ...(await dribble(port(), what, {
            start,
            ...(piece !== undefined && { piece }),
          })),
        })),
      );
      for (const { what, answer } of ends)
        assert.ok(
          !/^HTTP\/1\.1 (101|2\d\d)/.test(answer.text) || /^a (second|GET)/.test(what),
          `${what}: ${answer.text}`,
        );
      assert.deepEqual([ada.socket.id, bob.socket.id], sids, "the others kept their connections");
      await ada.say("still here");
      await waitFor("Bob has it", () => bob.heard.length === 1);
      if (runtime !== "bun")
        assert.ok((await metric(server().url, "trimaran_refused_total", { reason: "slow_request" })) > 0);
    });

    test("a connection that never joins, or leaves again, is closed", async () => {
      const start = requestText(webSocket, { headers: { ...host(), ...upgradeHeaders } });
      const ended = await dribble(port(), "a WebSocket that never joins", { start });
      assert.equal(ended.answer.status, 101);
      // Only after the handshake: it could have joined.
      assert.match(ended.answer.text, /0\{"sid":/);

      const opened = await ask(port(), polling);
      const session = `&sid=${/"sid":"([^"]+)"/.exec(opened.text)?.[1]}`;
      await waitFor("a polling session that never joins is gone", async () => {
        const { status, text } = await ask(port(), polling + session);
        return status === 400 || text.endsWith("\r\n\r\n1");
      });

      const frames = ["40", "41"].map(webSocketFrame);
      const nextFrame = () => frames.shift() ?? "";
      await dribble(port(), "a WebSocket that left the namespace", {
        start,
        piece: nextFrame,
      });
    });
  });

  describe("large requests", () => {
    const server = useServer(runtime, { MAX_UPDATE_BYTES: "65536" });
    const port = () => server().port;

    test("too much in the headers is refused", async () => {
      const cookie = { Cookie: "a".repeat(100_000) };
      for (const target of ["/livez", polling]) {
        const { status } = await ask(port(), target, { headers: cookie });
        assert.ok(status === 431 || status === undefined, String(status));
      }
      const upgrade = await ask(port(), webSocket, { headers: { ...upgradeHeaders, ...cookie } });
      assert.ok(upgrade.status === 431 || upgrade.status === undefined, String(upgrade.status));
      assert.equal((await ask(port(), `/livez?${"a".repeat(100_000)}`)).status === 200, false);
    });

    test("thousands of headers are refused, or not all kept", async () => {
      const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`X${index}`, ""]));
      const { status } = await ask(port(), "/livez", { headers: many });
      assert.ok(status === 431 || status === undefined, String(status));
    });

    test("a body past the limit is refused, in one piece or in chunks", async () => {
      const body = "x".repeat(300_000);
      const plain = await ask(port(), "/api/documents/x", { method: "POST", body });
      assert.ok(plain.status === 413 || plain.status === undefined, String(plain.status));
      const headers = { Host: "x", "Transfer-Encoding": "chunked" };
      const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`;
      const opened = await ask(port(), polling);
      const session = `&sid=${/"sid":"([^"]+)"/.exec(opened.text)?.[1]}`;
      for (const target of ["/api/documents/x", polling + session]) {
        const start = requestText(target, { method: "POST", headers });
        // Ended, too: the rest would be of no use to anyone.
        const { answer } = await dribble(port(), `chunks to ${target}`, {
          start,
          piece: chunk,
          everyMs: 5,
        });
        assert.ok(answer.status === 413 || answer.status === undefined, answer.text);
      }
      assert.equal((await ask(port(), "/livez")).status, 200);
    });
  });
}
