import { type Socket, connect } from "node:net";
import { waitFor } from "../../deploy/local/process.ts";

/* HTTP by hand: clients that no library would be, and headers that libraries don't let one set. */

export interface Answer {
  /** Undefined when the connection ended without an answer. */
  status: number | undefined;
  /** All that came, the head first. */
  text: string;
}

function open(port: number): { socket: Socket; seen: () => string; isClosed: () => boolean } {
  const socket = connect(port, "127.0.0.1");
  let seen = "";
  let closed = false;
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => (seen += text));
  socket.on("error", () => undefined);
  socket.on("end", () => (closed = true));
  socket.on("close", () => (closed = true));
  return { socket, seen: () => seen, isClosed: () => closed };
}

function answerIn(text: string): Answer {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return { status: status === undefined ? undefined : Number(status), text };
}

/** Whether an answer is there as a whole: by its length, its last chunk, or having no body. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const head = text.slice(0, end);
  if (/^HTTP\/1\.1 (1|204|304)/.test(head)) return true;
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return text.length - end - 4 >= Number(length);
  return /^transfer-encoding: *chunked/im.test(head) && text.endsWith("0\r\n\r\n");
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export function requestText(target: string, { method = "GET", headers = {}, body }: RequestOptions): string {
  const all = { ...headers, ...(body !== undefined && { "Content-Length": String(body.length) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}

/** Sends these bytes as they are, and waits for the answer or the end of the connection. */
export async function send(port: number, bytes: string): Promise<Answer> {
  const { socket, seen, isClosed } = open(port);
  socket.write(bytes, "latin1");
  await waitFor(`an answer to ${bytes.slice(0, 80)}`, () => isClosed() || isWhole(seen()));
  socket.destroy();
  return answerIn(seen());
}

/** One request, with exactly these headers besides a `Host`. The target goes out as it is written. */
export function ask(port: number, target: string, options: RequestOptions = {}): Promise<Answer> {
  const headers = { Host: `127.0.0.1:${port}`, ...options.headers };
  return send(port, requestText(target, { ...options, headers }));
}

/** Sends these bytes, and reads what comes until `pattern` (global) is in it so many times. */
export async function sendAndCount(
  port: number,
  bytes: string,
  pattern: RegExp,
  times: number,
): Promise<string> {
  const { socket, seen } = open(port);
  socket.write(bytes, "latin1");
  await waitFor(
    `${pattern} is there ${times} times`,
    () => [...seen().matchAll(pattern)].length >= times,
    endDeadlineMs,
  );
  socket.destroy();
  return seen();
}

/** Sends these bytes, and reads of what comes the first piece alone. */
export async function sendAndStopReading(
  port: number,
  bytes: string,
): Promise<{ answer: Answer; close: () => void }> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(bytes, "latin1");
  let first: Buffer | undefined;
  let isClosed = false;
  socket.once("data", (piece) => {
    first = piece;
    socket.pause();
  });
  socket.on("close", () => (isClosed = true));
  await waitFor("an answer, or the connection's end", () => first ?? isClosed, endDeadlineMs);
  return { answer: answerIn(first?.toString("latin1") ?? ""), close: () => socket.destroy() };
}

/** The headers of a WebSocket's handshake. */
export const upgradeHeaders = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dHJpbWFyYW4gdGVzdGluZw==",
};

/** A short text frame as a client sends it (RFC 6455, section 5.2), with a mask of zeros. */
export function webSocketFrame(text: string): string {
  return `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`;
}

/** Ends a hang: on Bun headers may take 10 s, which can't be set, and more beside a busy machine. */
const endDeadlineMs = 180_000;

/**
 * Sends `start`, and then `piece` again and again (or what it gives each time), as slowly as told, until the
 * server ends it.
 * @throws {Error} when it does not.
 */
export async function dribble(
  port: number,
  what: string,
  { start, piece, everyMs = 250 }: { start: string; piece?: string | (() => string); everyMs?: number },
): Promise<{ answer: Answer }> {
  const { socket, seen, isClosed } = open(port);
  if (start) socket.write(start, "latin1");
  const timer = setInterval(() => {
    const text = typeof piece === "function" ? piece() : piece;
    if (text && !socket.destroyed) socket.write(text, "latin1");
  }, everyMs);
  try {
    await waitFor(`${what} is ended`, isClosed, endDeadlineMs);
  } finally {
    clearInterval(timer);
    socket.destroy();
  }
  return { answer: answerIn(seen()) };
}
