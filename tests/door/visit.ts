import { newAddress } from "../support/clients/attacker.ts";
import { type PollingSession, openPolling } from "../support/clients/polling.ts";
import { judgeResponse, rawRequest, rawRequestUntil } from "../support/clients/raw-http.ts";
import { type RawWebSocket, frame, openWebSocket } from "../support/clients/websocket.ts";
import { inTime } from "../support/clients/in-time.ts";
import type { HttpVisit } from "./requests.ts";
import type { EngineVisit, FramePart, Part, Visit } from "./visits.ts";

export interface VisitorOptions {
  port: number;
  tokenOf: (user: number) => Promise<string>;
  badToken: string;
}

/** Of one part in all, so that the generator is not what is measured. */
const maxPartBytes = 2_000_000;
const livez = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const opcodes = { text: 1, binary: 2, ping: 9 };

/** @returns makes a visit, and tells by a short word how it ended; rejects when the answer is none that may be. */
export function createVisitor({
  port,
  tokenOf,
  badToken,
}: VisitorOptions): (visit: Visit) => Promise<string> {
  async function askTwice(): Promise<string> {
    for (let times = 0; times < 2; times += 1) await rawRequest(port, livez);
    return "waits";
  }
  let asking: Promise<unknown> = Promise.resolve();
  let next: Promise<string> | undefined;
  /**
   * A pause without a time: until the server has answered another client twice, so it has read what came before. Visits
   * that ask while there is a question wait for the next one together.
   */
  function elsewhere(): Promise<string> {
    const ask = () => {
      next = undefined;
      const answer = askTwice();
      asking = answer;
      return answer;
    };
    return (next ??= asking.then(ask, ask));
  }
  const tokenFor = (user: number | undefined) => (user === undefined ? badToken : tokenOf(user));

  async function overHttp({ user, head, body, isSlow, reads }: HttpVisit): Promise<string> {
    const token = await tokenFor(user);
    const sid = head.includes("SID") ? (await openPolling(port)).sid : "";
    const address = Object.entries(newAddress()).map(([name, value]) => `\r\n${name}: ${value}`);
    const filled = (text: string) => text.replaceAll("SID", sid).replaceAll("TOKEN", token);
    // The length was that of the body before: a longer token makes one more that is wrong.
    const whole = Buffer.from(`${filled(head)}${address.join("")}\r\n\r\n${filled(body)}`);
    const parts = isSlow ? halves(whole) : [whole];
    const response = await rawRequestUntil(port, parts, elsewhere, isSlow ? elsewhere : undefined);
    return reads ? judgeResponse(response, false) : "left";
  }

  async function overPolling(visit: EngineVisit): Promise<string> {
    const token = await tokenFor(visit.user);
    const session = await openPolling(port);
    if (visit.enters) await enterByPolling(session, token);
    const bodies = visit.parts.map((part) => bodyOf(part, token));
    const outcomes: string[] = [];
    for (const body of visit.isSlow ? bodies : [bodies.join("\u001e")]) {
      if (outcomes.length > 0) await elsewhere();
      const response = await session.post(body);
      outcomes.push(judgeResponse(response, response.body.length > 0));
    }
    // A poll that the client does not wait for.
    if (!visit.reads) await abandonedPoll(session);
    if (visit.says) await session.post("1");
    return outcomes.join(", ");
  }

  const abandonedPoll = ({ path }: PollingSession) =>
    rawRequestUntil(port, [`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`], elsewhere);

  async function enterByPolling(session: PollingSession, token: string): Promise<void> {
    await session.post(`40${JSON.stringify({ token })}`);
    await session.poll();
  }

  async function overWebSocket(visit: EngineVisit, path?: string): Promise<string> {
    const token = await tokenFor(visit.user);
    const answered = Promise.withResolvers<string>();
    const ponged = Promise.withResolvers<string>();
    const socket = await openWebSocket({
      port,
      headers: newAddress(),
      ...(path !== undefined && { path }),
      onText: (text) => void (/^4[04]/.test(text) && answered.resolve(text)),
      onPong: () => ponged.resolve("goes on"),
    });
    try {
      if (visit.enters && path === undefined) {
        socket.send(`40${JSON.stringify({ token })}`);
        await inTime("an answer to a CONNECT", Promise.race([answered.promise, socket.closed]));
      }
      if (!visit.reads) socket.pause();
      for (const part of visit.parts) await sendPart(socket, part, token, visit.isSlow);
      const isWhole = visit.reads && visit.parts.every((part) => "packet" in part);
      if (!isWhole) return await Promise.race([socket.closed, elsewhere()]);
      socket.write(frame(opcodes.ping, ""));
      const outcome = await inTime("a pong, or the end", Promise.race([socket.closed, ponged.promise]));
      if (!visit.says) return outcome;
      socket.send("1");
      return await Promise.race([socket.closed, elsewhere()]);
    } finally {
      socket.destroy();
    }
  }

  async function sendPart(socket: RawWebSocket, part: Part | FramePart, token: string, isSlow: boolean) {
    const bytes = "frame" in part ? part.frame : framesOf(part, token);
    if (!isSlow) return socket.write(bytes);
    for (const half of halves(bytes)) {
      socket.write(half);
      await elsewhere();
    }
  }

  async function upgrade(visit: EngineVisit): Promise<string> {
    const session = await openPolling(port);
    if (visit.enters) await enterByPolling(session, await tokenFor(visit.user));
    const path = session.path.replace("polling", "websocket");
    const attempts = [overWebSocket(visit, path)];
    // A second WebSocket asks for the same session, and the old transport polls on.
    if (visit.isSlow) attempts.push(overWebSocket({ ...visit, isSlow: false }, path));
    if (visit.says) await abandonedPoll(session);
    const outcomes = await Promise.allSettled(attempts);
    return outcomes.map(outcomeOf).join(", ");
  }

  return (visit) => {
    switch (visit.way) {
      case "http":
        return overHttp(visit);
      case "polling":
        return overPolling(visit);
      case "upgrade":
        return upgrade(visit);
      default:
        return overWebSocket(visit);
    }
  };
}

/** @throws {Error} when a WebSocket was refused in another way than by a status, or by its end. */
function outcomeOf(result: PromiseSettledResult<string>): string {
  if (result.status === "fulfilled") return result.value;
  const { message } = result.reason as Error;
  if (!/^(status 4\d\d|closed before it was open)$/.test(message)) throw result.reason;
  return message;
}

function halves(bytes: Uint8Array): Uint8Array[] {
  const middle = Math.ceil(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)].filter(({ length }) => length > 0);
}

function timesOf({ packet, times }: Part): number {
  return Math.max(1, Math.min(times, Math.floor(maxPartBytes / (packet.length + 6))));
}

function framesOf(part: Part, token: string): Uint8Array {
  const { packet } = part;
  const isText = typeof packet === "string";
  const one = frame(
    isText ? opcodes.text : opcodes.binary,
    isText ? packet.replaceAll("TOKEN", token) : packet,
  );
  return Buffer.concat(Array.from({ length: timesOf(part) }, () => one));
}

/** As a polling body has it; a frame of WebSocket is not for it. */
function bodyOf(part: Part | FramePart, token: string): string {
  if ("frame" in part) return "";
  const { packet } = part;
  const one =
    typeof packet === "string"
      ? packet.replaceAll("TOKEN", token)
      : `b${Buffer.from(packet).toString("base64")}`;
  return Array.from({ length: timesOf(part) }, () => one).join("\u001e");
}
