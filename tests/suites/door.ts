import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { Replica, RuntimeName } from "../../deploy/local/replica.ts";
import { newAddress } from "../support/clients/attacker.ts";
import { openPolling } from "../support/clients/polling.ts";
import { rawRequest } from "../support/clients/raw-http.ts";
import { openWebSocket } from "../support/clients/websocket.ts";
import { useMembers } from "../support/members.ts";
import { metric, useServer } from "../support/server.ts";
import { newId } from "../support/sockets.ts";

const many = (count: number, packet: string) => Array.from({ length: count }, () => packet);
const body = (packets: readonly string[]) => packets.join("\x1e");

/** What a client may send before it is in, and how much at once: none of it costs the server, or others. */
export function doorSuite(runtime: RuntimeName): void {
  describe("the door", () => {
    const server = useServer(runtime);
    const { member } = useMembers();
    const refused = (reason: string) => metric(server().url, "trimaran_refused_total", { reason });

    /** While this is done, what other clients send goes on. */
    async function meanwhile(work: (target: Replica) => Promise<void>): Promise<void> {
      const id = newId();
      const [ada, bob] = await Promise.all([member(server().url, id), member(server().url, id)]);
      const disconnects: string[] = [];
      for (const { socket } of [ada, bob]) socket.on("disconnect", (reason) => disconnects.push(reason));
      const received: unknown[] = [];
      bob.socket.on("put-here", ({ data }) => received.push(data));
      const working = work(server());
      await ada.socket.emitWithAck("put", { documentId: id, data: Uint8Array.of(7) });
      await ada.say("meanwhile");
      await working;
      await waitFor("Bob has both", () => received.length === 1 && bob.heard.length === 1);
      assert.deepEqual(disconnects, []);
    }

    /** Sends packets by long-polling. @returns what the session was sent until it ended. */
    async function flood(packets: readonly string[], reason: string): Promise<string> {
      const before = await refused(reason);
      let answers = "";
      await meanwhile(async ({ port }) => {
        const session = await openPolling(port);
        await session.post(body(packets)).catch(() => undefined);
        await waitFor("the session is ended", async () => {
          const { status, body: answer } = await session.poll();
          answers += Buffer.from(answer).toString();
          return status === 400;
        });
      });
      assert.equal((await refused(reason)) - before, 1, reason);
      return answers;
    }

    const floods: [what: string, packets: () => string[], reason: string][] = [
      ["40,000 CONNECTs", () => many(40_000, "40"), "connect_flood"],
      [
        "8,000 CONNECTs that ask for a recovery",
        () => many(8000, '40{"pid":"a","offset":"1-1"}'),
        "connect_flood",
      ],
      [
        "CONNECTs to many namespaces",
        () => Array.from({ length: 40 }, (_, index) => `40/n${index},`),
        "connect_flood",
      ],
      // The first of them would end the session as well, by another name: so it was not looked at.
      ["more packets than one body may have", () => many(60_000, "42"), "packet_flood"],
      ["a CONNECT with 50 KB of auth", () => [`40{"x":"${"y".repeat(50_000)}"}`], "large_connect"],
      ["an event before it has entered", () => ['42["join-document",{"documentId":"a"}]'], "protocol"],
      [
        "attachments before it has entered",
        () => ['4510-["x"]', ...many(9, `b${"A".repeat(1000)}`)],
        "protocol",
      ],
    ];
    for (const [what, packets, reason] of floods) {
      test(`${what}: the session is ended at once, and Socket.IO makes one socket at most`, async () => {
        const answers = await flood(packets(), reason);
        const made = answers.match(/40\{"sid"|44\{/g) ?? [];
        // To each namespace that is not there an attempt is answered, one after the other.
        assert.ok(made.length <= (what.includes("namespaces") ? 21 : 1), `${made.length} answers`);
      });
    }

    test("pongs that no ping asked for change nothing", async () => {
      const session = await openPolling(server().port);
      assert.equal((await session.post(body([...many(5000, "3"), "40"]))).status, 200);
      await waitFor("it has entered", async () =>
        Buffer.from((await session.poll()).body)
          .toString()
          .includes('40{"sid"'),
      );
      await session.post("1");
    });

    test("hundreds of events of one body are handled in order", async () => {
      const id = newId();
      const witness = await member(server().url, id);
      const session = await openPolling(server().port);
      await session.post("40");
      await session.poll();
      const sent = Array.from({ length: 200 }, (_, index) => String(index));
      const events = sent.map((text) => `42["say",{"documentId":"${id}","id":"${text}","text":"${text}"}]`);
      await session.post(body([`421["join-document",{"documentId":"${id}"}]`, ...events]));
      await waitFor("all have come", () => witness.heard.length === sent.length);
      assert.deepEqual(witness.heard, sent);
      await session.post("1");
    });

    test("a client that goes on after a thousand refusals is disconnected", async () => {
      const before = await refused("refusals");
      await meanwhile(async ({ port }) => {
        const session = await openPolling(port);
        await session.post("40");
        await session.poll();
        await session.post(body(many(20_000, '42["leave-document",{}]'))).catch(() => undefined);
        await waitFor("the session is ended", async () => (await session.poll()).status === 400);
      });
      assert.equal((await refused("refusals")) - before, 1);
    });

    test("attachments of more bytes than an event may have end the connection", async () => {
      const before = await refused("attachments");
      await meanwhile(async ({ port }) => {
        const entered = Promise.withResolvers<void>();
        const onText = (text: string) => void (text.startsWith("40") && entered.resolve());
        const socket = await openWebSocket({ port, headers: newAddress(), onText });
        socket.send("40");
        await entered.promise;
        socket.send('4510-["put",{"documentId":"a"}]', ...many(9, "").map(() => new Uint8Array(700_000)));
        await socket.closed;
      });
      assert.equal((await refused("attachments")) - before, 1);
    });

    test("a WebSocket that asks again and again to take over a session is closed", async () => {
      const { port } = server();
      const before = await refused("protocol");
      const session = await openPolling(port);
      const pongs: string[] = [];
      const socket = await openWebSocket({
        port,
        path: session.path.replace("polling", "websocket"),
        headers: newAddress(),
        onText: (text) => pongs.push(text),
      });
      socket.send(...many(1000, "2probe"));
      await socket.closed;
      assert.ok(pongs.length <= 1, `${pongs.length} answers`);
      assert.ok((await refused("protocol")) > before);
    });

    test("a body larger than an event may be is refused before all of it has come", async () => {
      const { port } = server();
      const session = await openPolling(port);
      const head = `POST ${session.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
      const socket = connect({ host: "127.0.0.1", port });
      const end = { isThere: false };
      for (const event of ["data", "close", "error"]) socket.on(event, () => (end.isThere = true));
      socket.write(head);
      let megabytes = 0;
      for (; !end.isThere && megabytes < 40; megabytes += 1) {
        socket.write(chunk);
        // By then the server has read it.
        await rawRequest(port, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      }
      socket.destroy();
      assert.ok(megabytes < 12, `${megabytes} MB were taken`);
    });

    test("a client that does not read what it asks for is disconnected", async () => {
      const { url, port } = server();
      const slowClients = () => metric(url, "trimaran_slow_clients_total");
      const before = await slowClients();
      const entered = Promise.withResolvers<void>();
      const onText = (text: string) => void (text.startsWith("40") && entered.resolve());
      const socket = await openWebSocket({ port, headers: newAddress(), onText });
      socket.send("40");
      await entered.promise;
      socket.pause();
      // More than the system takes for it, and what may wait besides.
      socket.send(...many(40, '421["give",{"size":1000000}]'));
      await waitFor("it is disconnected", async () => (await slowClients()) === before + 1);
      socket.destroy();
    });

    test("nothing is left of all of them", async () => {
      await waitFor(
        "no connection is left",
        async () => (await metric(server().url, "trimaran_transport_connections")) === 0,
      );
      assert.equal(await metric(server().url, "trimaran_connections"), 0);
    });
  });
}
