import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { after, before, describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { connect as connectClient } from "../../src/client/index.ts";
import { newId } from "../support/clients.ts";
import { ask, requestText, upgradeHeaders } from "../support/raw-http.ts";
import { metric, useServer } from "../support/server.ts";
import { insertion } from "../support/yjs.ts";

const polling = "/socket.io/?EIO=4&transport=polling";
const webSocket = "/socket.io/?EIO=4&transport=websocket";
const host = { Host: "x" };
const evil = { ...host, Origin: "https://evil.example" };

/** Only Linux tells how many files a process has open. */
const canCount = existsSync("/proc/self/fd");

/** What one may say and then neither go on nor hang up, whatever the server answers. */
const kinds: [what: string, says: string][] = [
  ["nothing", ""],
  ["the start of a request", "GET /livez HTTP/1.1\r\nHost: x\r\nX: "],
  ["nonsense", "nonsense\r\n\r\n"],
  ["TLS", "\x16\x03\x01\x02\x00"],
  ["headers that are too large", `GET /livez HTTP/1.1\r\nX: ${"a".repeat(40_000)}\r\n\r\n`],
  ["a whole request", requestText("/livez", { headers: host })],
  [
    "a request without its body",
    requestText("/api/documents/x", { method: "POST", headers: { ...host, "Content-Length": "9" } }),
  ],
  [
    "one that is answered at once",
    requestText(polling, { method: "POST", headers: { ...host, "Content-Length": "9" } }),
  ],
  ["an upgrade elsewhere", requestText("/livez", { headers: { ...host, ...upgradeHeaders } })],
  [
    "an upgrade to something else",
    requestText("/livez", { headers: { ...host, Connection: "Upgrade", Upgrade: "h2c" } }),
  ],
  [
    "an upgrade without a key",
    requestText(webSocket, { headers: { ...host, Connection: "Upgrade", Upgrade: "websocket" } }),
  ],
  [
    "an upgrade of an unknown session",
    requestText(`${webSocket}&sid=x`, { headers: { ...host, ...upgradeHeaders } }),
  ],
  ["a WebSocket that never joins", requestText(webSocket, { headers: { ...host, ...upgradeHeaders } })],
  ["a WebSocket of a foreign page", requestText(webSocket, { headers: { ...evil, ...upgradeHeaders } })],
  ["a poll of a foreign page", requestText(polling, { headers: evil })],
];

/**
 * Clients that never hang up: none of them may keep a connection of the server's. They come before the other
 * tests of the group and are looked for after those, for the longest to be let go take 20 s.
 *
 * @returns defines the tests.
 */
export function holdConnections(runtime: RuntimeName): () => void {
  const server = useServer(runtime, {
    HEADERS_TIMEOUT_MS: "1000",
    BODY_TIMEOUT_MS: "1500",
    CONNECT_TIMEOUT_MS: "1500",
  });
  const sockets: Socket[] = [];
  /** By the system, not by the metric, which Deno may not read for itself. */
  const openFiles = () => readdirSync(`/proc/${server().process.pid}/fd`).length;
  let atFirst = 0;

  async function open(says: string, reads: boolean): Promise<void> {
    const socket = connect({ port: server().port, host: "127.0.0.1", allowHalfOpen: true });
    sockets.push(socket);
    socket.on("error", () => undefined);
    if (reads) socket.resume();
    else socket.pause();
    await once(socket, "connect");
    socket.write(says, "latin1");
  }

  /** Larger than what the system takes for a client that does not read. */
  async function writeLargeDocument(documentId: string): Promise<void> {
    const writer = connectClient(server().url, { forceNew: true });
    await writer.emitWithAck("join-document", { documentId });
    for (let part = 0; part < 4; part += 1) {
      const update = insertion("x".repeat(4_000_000), `part-${part}`);
      // So much at once is more than one client may have of the server's time; a moment later it is taken.
      await waitFor(
        "it is taken",
        async () => (await writer.emitWithAck("send-changes", { documentId, update })).ok,
      );
    }
    writer.disconnect();
    await waitFor(
      "the writer is gone",
      async () => (await metric(server().url, "trimaran_connections")) === 0,
    );
  }

  before(async () => {
    if (!canCount) return;
    const large = newId();
    atFirst = openFiles();
    await writeLargeDocument(large);
    const reading = kinds.map(([, says]) => open(says, true));
    const notReading = open(requestText(`/api/documents/${large}`, { headers: host }), false);
    await Promise.all([...reading, notReading]);
    await waitFor("the server has them", () => openFiles() > atFirst);
  });
  after(() => sockets.forEach((socket) => socket.destroy()));

  return () =>
    describe("clients that never hang up", () => {
      test("what asks for another protocol is answered in this one", async () => {
        const headers = {
          Connection: "Upgrade, HTTP2-Settings",
          Upgrade: "h2c",
          "HTTP2-Settings": "AAMAAABk",
        };
        assert.equal((await ask(server().port, "/livez", { headers })).status, 200);
      });

      test("the server lets go of every one, also of those that don't read what they asked for", async () => {
        if (canCount) await waitFor("as many open files as before", () => openFiles() <= atFirst, 120_000);
      });
    });
}
