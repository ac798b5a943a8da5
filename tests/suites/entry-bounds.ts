import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { newAddress } from "../support/clients/attacker.ts";
import { openPolling } from "../support/clients/polling.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { metric, useServer } from "../support/server.ts";

const pings = (count: number) =>
  Buffer.concat(Array.from({ length: count }, () => Buffer.from([0x89, 0x80, 0, 0, 0, 0])));
/** The start of a text message, masked with zeros, of which the rest never comes. */
const startOfMessage = (length: number) => {
  const head = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 6);
  return Buffer.concat([head, Buffer.from("4")]);
};

/** What is held for a client that has not entered is what attempts to enter take, not what an event may have. */
export function entryBoundsSuite(runtime: RuntimeName): void {
  describe("before a client has entered", () => {
    const server = useServer(runtime, {
      AUTH_SECRET: "0123456789abcdef0123456789abcdef",
      MAX_ENTERING: "20",
      TRUSTED_PROXIES: "127.0.0.1",
    });
    const refused = (reason: string) => metric(server().url, "trimaran_refused_total", { reason });

    /** Sends the start of a request, and waits for an answer or the end of the connection. */
    async function begin(start: string): Promise<string> {
      const socket = connect({ host: "127.0.0.1", port: server().port });
      let seen = "";
      let isClosed = false;
      socket.setEncoding("latin1").on("data", (text: string) => (seen += text));
      socket.on("error", () => undefined);
      socket.on("close", () => (isClosed = true));
      socket.write(start);
      await waitFor("an answer", () => isClosed || seen.includes("\r\n\r\n"));
      socket.destroy();
      return seen;
    }

    for (const [what, framing] of [
      ["with its length", "Content-Length: 5000000\r\n\r\n"],
      ["in chunks", "Transfer-Encoding: chunked\r\n\r\n4c4b40\r\n"],
    ]) {
      test(`a body ${what} that is larger than attempts to enter is not waited for`, async () => {
        const before = await refused("large_input");
        const session = await openPolling(server().port);
        const answer = await begin(
          `POST ${session.path} HTTP/1.1\r\nHost: x\r\n${framing}${"4".repeat(300_000)}`,
        );
        assert.match(answer, /^HTTP\/1.1 413/);
        await waitFor("the session is ended", async () => (await session.poll()).status === 400);
        assert.equal((await refused("large_input")) - before, 1);
      });
    }

    test("a second body of a session beside the first ends it", async () => {
      const session = await openPolling(server().port);
      const head = `POST ${session.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n4`;
      const answers = await Promise.all([begin(head), begin(head)]);
      assert.ok(
        answers.some((answer) => answer.startsWith("HTTP/1.1 400")),
        answers.join(),
      );
      await waitFor("the session is ended", async () => (await session.poll()).status === 400);
    });

    if (runtime !== "bun") {
      test("a message of a WebSocket that is larger than attempts to enter is not waited for", async () => {
        const before = await refused("large_input");
        const socket = await openWebSocket({ port: server().port, headers: newAddress() });
        socket.write(startOfMessage(1_000_000));
        assert.equal(await socket.closed, "close 1009");
        assert.equal((await refused("large_input")) - before, 1);
      });
    }

    test("a WebSocket that sends a thousand pings is ended after a hundred answers", async () => {
      const before = await refused("control_frames");
      let pongs = 0;
      const socket = await openWebSocket({
        port: server().port,
        headers: newAddress(),
        onPong: () => (pongs += 1),
      });
      socket.write(pings(1000));
      await socket.closed;
      assert.ok(pongs <= 101, `${pongs} pongs`);
      assert.equal((await refused("control_frames")) - before, 1);
    });

    test("a body in chunks to a backend's route is refused before it is there, without a key", async () => {
      const answer = await begin(
        "POST /api/documents/x/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
      );
      assert.match(answer, /^HTTP\/1.1 401/);
    });

    test("one address has so many connections that have not entered, and as many as it likes that have", async () => {
      const before = await refused("entering");
      const forwarded = Object.entries(newAddress())
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("");
      const path = "/socket.io/?EIO=4&transport=polling";
      const open = (more = "") => begin(`GET ${path}${more} HTTP/1.1\r\nHost: x\r\n${forwarded}\r\n`);
      const opened: string[] = [];
      for (let number = 0; number < 25; number += 1) opened.push(await open());
      assert.equal(opened.filter((answer) => answer.startsWith("HTTP/1.1 200")).length, 20);
      assert.equal((await refused("entering")) - before, 5);
      assert.match(
        await begin(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`),
        /^HTTP\/1.1 200/,
        "another address",
      );
      const sid = /"sid":"([^"]+)"/.exec(opened[0] ?? "")?.[1];
      await begin(`POST ${path}&sid=${sid} HTTP/1.1\r\nHost: x\r\n${forwarded}Content-Length: 1\r\n\r\n1`);
      await waitFor("one more may be opened", async () => (await open()).startsWith("HTTP/1.1 200"));
    });

    test("nothing is left of all of them", async () => {
      await waitFor(
        "no connection is left",
        async () => (await metric(server().url, "trimaran_transport_connections")) === 0,
      );
    });
  });
}
