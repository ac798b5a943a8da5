import * as fc from "fast-check";
import type { Attack } from "../attack.ts";
import { newAddress } from "../../support/clients/attacker.ts";
import { type PollingSession, openPolling } from "../../support/clients/polling.ts";
import { judgeResponse, rawRequest } from "../../support/clients/raw-http.ts";
import { openWebSocket } from "../../support/clients/websocket.ts";
import { inTime } from "../../support/clients/in-time.ts";
import { type Outcomes, add, fuzz, replay, sum } from "../fuzz.ts";

const separator = "\u001e";

/** Engine.IO packets in one request's body. */
const bodies: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "40",
          "41",
          "42",
          '42["join-document",{"documentId":"a"}]',
          "2",
          "3",
          "3probe",
          "5",
          "6",
          "1",
          "0",
          "b",
          "bAAAA",
          "b====",
          "451-[]",
          "",
        ),
        fc.string({ unit: "binary", maxLength: 30 }),
      ),
      { maxLength: 6 },
    )
    .map((packets) => packets.join(separator)),
  fc.uint8Array({ maxLength: 100 }),
  fc.constantFrom(separator.repeat(10_000), `40${separator}`.repeat(500), "b".repeat(1_000_000)),
);

/** Two questions at once on a session, or a body that is none; then it is over, or goes on. */
async function attackBody(port: number, body: string | Uint8Array): Promise<string> {
  const session = await openPolling(port);
  const posted = await session.post(body);
  return judgeEngine(posted, session);
}

/** Engine.IO refuses in some places with a status alone. */
function judgeEngine(response: Parameters<typeof judgeResponse>[0], { sid }: PollingSession): string {
  const outcome = judgeResponse(response, response.body.length > 0);
  if (
    response.status !== undefined &&
    response.status >= 300 &&
    response.body.length > 0 &&
    response.headers.includes(sid)
  )
    throw new Error("the session is told to others");
  return outcome;
}

const websocketPath = (sid: string) => `/socket.io/?EIO=4&transport=websocket&sid=${sid}`;
/** An upgrade that is not gone on with ends after 10 s, as does everything on such a session. */
const upgradeDeadlineMs = 60_000;

/** A WebSocket that is refused, or closed before long. */
async function expectEnd(port: number, path: string): Promise<string> {
  try {
    const socket = await openWebSocket({ port, path, headers: newAddress() });
    const how = await inTime("the end of a WebSocket that nobody may have", socket.closed, upgradeDeadlineMs);
    return how;
  } catch (error) {
    const { message } = error as Error;
    if (!/^(status 4\d\d|closed before it was open)$/.test(message)) throw error;
    return message;
  }
}

type Scenario = (port: number) => Promise<string>;

const scenarios: Record<string, Scenario> = {
  "a session that is not there": (port) => expectEnd(port, websocketPath("AAAAAAAAAAAAAAAAAAAA")),
  "a session called __proto__": (port) => expectEnd(port, websocketPath("__proto__")),
  "a second WebSocket while the first upgrades": async (port) => {
    const session = await openPolling(port);
    const first = await openWebSocket({ port, path: websocketPath(session.sid), headers: newAddress() });
    const second = await expectEnd(port, websocketPath(session.sid));
    first.destroy();
    return second;
  },
  "a second WebSocket after the upgrade": async (port) => {
    const session = await openPolling(port);
    const first = await openWebSocket({ port, path: websocketPath(session.sid), headers: newAddress() });
    first.send("2probe");
    first.send("5");
    await session.poll();
    const second = await expectEnd(port, websocketPath(session.sid));
    if (first.isClosed()) throw new Error("the first WebSocket was closed for it");
    first.destroy();
    return second;
  },
  "an upgrade that goes on with something else": async (port) => {
    const session = await openPolling(port);
    const socket = await openWebSocket({ port, path: websocketPath(session.sid), headers: newAddress() });
    socket.send("40");
    return inTime("the end of it", socket.closed, upgradeDeadlineMs);
  },
  "an older protocol, by WebSocket": (port) => expectEnd(port, "/socket.io/?EIO=3&transport=websocket"),
  "a poll of a WebSocket's session": async (port) => {
    const opened = Promise.withResolvers<string>();
    const socket = await openWebSocket({ port, headers: newAddress(), onText: opened.resolve });
    const { sid } = JSON.parse((await inTime("a session", opened.promise)).slice(1)) as { sid: string };
    const outcomes: string[] = [];
    for (const transport of ["polling", "websocket"]) {
      const response = await rawRequest(
        port,
        `GET /socket.io/?EIO=4&transport=${transport}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      outcomes.push(judgeResponse(response));
    }
    socket.destroy();
    return outcomes.join(", ");
  },
  "two polls at once": async (port) => {
    const session = await openPolling(port);
    await session.post("40");
    await session.poll();
    const both = await Promise.all([session.poll(), session.poll()]);
    return both
      .map((response) => judgeEngine(response, session))
      .toSorted()
      .join(", ");
  },
  "two bodies at once": async (port) => {
    const session = await openPolling(port);
    const both = await Promise.all([session.post(`42${"x".repeat(1_000_000)}`), session.post("40")]);
    return both
      .map((response) => judgeEngine(response, session))
      .toSorted()
      .join(", ");
  },
  "a body that is too large": async (port) => {
    const session = await openPolling(port);
    return judgeResponse(await session.post(`42${"x".repeat(7_000_000)}`), false);
  },
  "binary where text belongs": async (port) => {
    const session = await openPolling(port);
    return judgeEngine(
      await session.post(new Uint8Array(100_000).fill(0xff), "Content-Type: application/octet-stream\r\n"),
      session,
    );
  },
  "an upgrade on a connection that was used before": async (port) => {
    const keepAlive = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    const upgrade = "GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    return judgeResponse(await rawRequest(port, keepAlive + upgrade));
  },
};

/** Sessions that are opened and left without a word. */
async function flood(port: number, count: number): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const portion = 32;
  for (let from = 0; from < count; from += portion)
    await Promise.all(Array.from({ length: Math.min(portion, count - from) }, () => openPolling(port)));
  add(outcomes, "opened", count);
  return outcomes;
}

export const sessionAttack: Attack = {
  name: "sessions",
  title: "Engine.IO sessions: others', two WebSockets on one, polls at once, bodies that are none, a flood",
  weight: 6,
  run: async (context) =>
    sum([
      await replay(Object.keys(scenarios), (name) => (scenarios[name] as Scenario)(context.port)),
      await flood(context.port, Math.ceil(context.cases / 2)),
      await fuzz({ ...context, cases: Math.ceil(context.cases / 2) }, bodies, (body) =>
        attackBody(context.port, body),
      ),
    ]),
};
