import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { openPolling } from "../security/clients/polling.ts";
import { requestText, sendAndCount } from "../support/raw-http.ts";
import { freshMetrics, useServer } from "../support/server.ts";

const many = (count: number, packet: string) => Array.from({ length: count }, () => packet);

/** Each bound of what a connection may send is a setting: a server with small ones takes what they say, and no more. */
export function boundSuite(runtime: RuntimeName): void {
  describe("bounds that were set", () => {
    const server = useServer(runtime, {
      MAX_WAITING_PACKETS: "1000",
      MAX_CONNECT_BYTES: "1024",
      MAX_NAMESPACES: "1",
      MAX_FAILED_ATTEMPTS: "3",
      MAX_ATTACHMENTS: "2",
      ATTACHMENTS_TIMEOUT_MS: "100",
      MAX_WAITING_EVENTS: "5",
      REFUSAL_RATE: "10/60s",
      MAX_PIPELINED: "20",
    });
    /** Connections that these tests had ended, by reason. */
    const ended = new Map<string, number>();
    const countEnded = (reason: string) => ended.set(reason, (ended.get(reason) ?? 0) + 1);

    /** What the server sends a session, until it is ended or `enough` of it is there. */
    async function answersTo(
      packets: readonly string[],
      { enters = true, enough }: { enters?: boolean; enough?: RegExp[] } = {},
    ) {
      const session = await openPolling(server().port);
      if (enters) {
        await session.post("40");
        await session.poll();
      }
      await session.post(packets.join("\x1e")).catch(() => undefined);
      let answers = "";
      const isEnded = await waitFor("the session is ended, or the answer is there", async () => {
        if (enough?.every((each) => each.test(answers))) return "no";
        const { status, body } = await session.poll();
        answers += Buffer.from(body).toString();
        return status === 400 && "yes";
      });
      if (isEnded === "no") await session.post("1");
      return { answers, isEnded: isEnded === "yes" };
    }

    const event = '42["leave-document",{"documentId":"a"}]';
    const ending: [what: string, packets: string[], reason: string, enters?: boolean][] = [
      ["more packets in one body", many(1001, "3"), "packet_flood"],
      ["more bytes of a CONNECT", [`40{"x":"${"y".repeat(1100)}"}`], "large_connect", false],
      ["more namespaces", ["40/a,"], "connect_flood"],
      ["more attachments of an event", ['453-["x"]'], "attachments"],
      ["attachments that take longer", ['452-["x",{"_placeholder":true,"num":0}]'], "attachments"],
      ["more refusals", many(20, '42["no-such-event",{}]'), "refusals"],
      ["more acknowledgements that were not asked for", many(20, "430[{}]"), "refusals"],
    ];
    for (const [what, packets, reason, enters] of ending) {
      test(`${what}: the connection is ended`, async () => {
        assert.ok((await answersTo(packets, { enters: enters ?? true })).isEnded);
        countEnded(reason);
      });
    }

    test("more attempts that fail: the connection is ended", async () => {
      const session = await openPolling(server().port);
      let answers = "";
      await waitFor("the session is ended", async () => {
        await session.post("40/none,").catch(() => undefined);
        const { status, body } = await session.poll();
        answers += Buffer.from(body).toString();
        return status === 400;
      });
      assert.equal(answers.match(/44\/none/g)?.length, 3);
      countEnded("connect_flood");
    });

    test("more requests behind one another: the connection is ended", async () => {
      const request = requestText("/livez", { headers: { Host: "x" } });
      const alive = /{"status":"alive"}/g;
      await sendAndCount(server().port, request.repeat(21), alive, 21);
      const { port } = server();
      const client = connect(port, "127.0.0.1");
      client.on("error", () => undefined);
      client.resume();
      client.write(request.repeat(200));
      await once(client, "close");
      countEnded("pipelining");
    });

    test("as much as they allow is taken", async () => {
      const packets = [`40{"x":"${"y".repeat(1000)}"}`, ...many(990, "3"), event.replace("42", "421")];
      const { isEnded } = await answersTo(packets, { enters: false, enough: [/431\[{"ok":/] });
      assert.ok(!isEnded);
    });

    test("events that wait are counted, and more are refused", async () => {
      const events = Array.from({ length: 8 }, (_, id) => event.replace("42", `42${id}`));
      const { answers } = await answersTo(events, {
        enough: events.map((_, id) => new RegExp(`43${id}\\[`)),
      });
      assert.equal(answers.match(/more than 5 events are waiting/g)?.length, 3);
      assert.equal(answers.match(/43\d\[{"ok":true/g)?.length, 5);
    });

    test("each connection that was ended is counted by its reason", async () => {
      const metrics = await freshMetrics(server().url);
      for (const [reason, times] of ended)
        assert.match(metrics, new RegExp(`^trimaran_refused_total{.*reason="${reason}".*} ${times}$`, "m"));
    });
  });
}
