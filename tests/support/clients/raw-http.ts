import { once } from "node:events";
import { connect } from "node:net";
import { refusalCodes } from "../../../src/platform/util/errors.ts";
import { inTime } from "./in-time.ts";

/** The first response on a connection; undefined fields when there was none before it was closed. */
export interface RawResponse {
  status: number | undefined;
  headers: string;
  body: Uint8Array;
  /** All that came, for those who look for what must not be in it. */
  all: Buffer;
}

/** Sends bytes as they are; an empty part ends what is sent. Resolves with the first response when it is whole, or when the server closes. */
export function rawRequest(port: number, ...parts: (string | Uint8Array)[]): Promise<RawResponse> {
  return rawRequestUntil(port, parts);
}

/**
 * The same, for what may have no answer.
 * @param until with what has come when this resolves, at the latest.
 * @param pause awaited between two parts.
 */
export async function rawRequestUntil(
  port: number,
  parts: readonly (string | Uint8Array)[],
  until?: () => Promise<unknown>,
  pause?: () => Promise<unknown>,
): Promise<RawResponse> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let all = Buffer.alloc(0);
  const done = Promise.withResolvers<unknown>();
  socket.on("error", () => undefined);
  socket.on("close", () => done.resolve(undefined));
  socket.on("data", (chunk) => {
    all = Buffer.concat([all, chunk]);
    const isHead = typeof parts[0] === "string" && parts[0].startsWith("HEAD ");
    const { isWhole, status } = parse(all);
    if (isWhole || (isHead && status !== undefined)) done.resolve(undefined);
  });
  try {
    await once(socket, "connect");
    for (const [index, part] of parts.entries()) {
      if (index > 0) await pause?.();
      if (part.length === 0) socket.end();
      else if (!socket.destroyed) socket.write(part);
    }
    until?.().then(done.resolve, done.reject);
    await inTime("a response, or the end of the connection", done.promise);
    const { status, headers, body } = parse(all);
    return { status, headers, body, all };
  } finally {
    socket.destroy();
  }
}

function parse(all: Buffer) {
  const end = all.indexOf("\r\n\r\n");
  if (end < 0) return { status: undefined, headers: "", body: all.subarray(0, 0), isWhole: false };
  const headers = all.toString("latin1", 0, end);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(headers)?.[1]);
  const rest = all.subarray(end + 4);
  const length = /^content-length: (\d+)/im.exec(headers)?.[1];
  if (length !== undefined)
    return {
      status,
      headers,
      body: rest.subarray(0, Number(length)),
      isWhole: rest.length >= Number(length),
    };
  if (/^transfer-encoding: chunked/im.test(headers)) {
    const { body, isWhole } = unchunk(rest);
    return { status, headers, body, isWhole };
  }
  const hasNone = status === 204 || status === 304 || status < 200;
  return { status, headers, body: rest, isWhole: hasNone };
}

function unchunk(data: Buffer): { body: Buffer; isWhole: boolean } {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const end = data.indexOf("\r\n", at);
    const size = end < 0 ? Number.NaN : Number.parseInt(data.toString("latin1", at, end), 16);
    if (Number.isNaN(size) || data.length < end + 2 + size + 2)
      return { body: Buffer.concat(chunks), isWhole: false };
    if (size === 0) return { body: Buffer.concat(chunks), isWhole: true };
    chunks.push(data.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/**
 * What a response is called, if it may be.
 * @param isOurs whether the request can be understood, so that the answer must be one of the contract.
 */
export function judgeResponse({ status, headers, body }: RawResponse, isOurs = true): string {
  if (status === undefined) {
    if (isOurs) throw new Error("the connection was closed without an answer");
    return "closed";
  }
  // The balancer's word for a server that closed the connection instead of answering.
  if (status === 502 && !isOurs && /^server: caddy/im.test(headers)) return "closed (502)";
  const text = Buffer.from(body.subarray(0, 4000)).toString();
  const shown = `${headers}\n${text.slice(0, 1000)}`;
  if (status >= 500 && status !== 503 && !(!isOurs && (status === 501 || status === 505)))
    throw new Error(`a mistake of the server's: ${shown}`);
  if (/^\s+at .*\.[jt]s:\d+/m.test(text)) throw new Error(`a stack trace: ${shown}`);
  if (/internal error/.test(text)) throw new Error(`a mistake of the server's: ${shown}`);
  if (status >= 400 && isOurs) checkError(text, shown);
  return String(status);
}

/** The contract's error, or Engine.IO's own, whose clients know no other. */
function checkError(text: string, shown: string): void {
  let parsed: { error?: { code?: string; message?: string }; code?: number; message?: string };
  try {
    parsed = JSON.parse(text) as typeof parsed;
  } catch (cause) {
    throw new Error(`not an error of the contract: ${shown}`, { cause });
  }
  const isContracts =
    refusalCodes.some((code) => code === parsed.error?.code) && Boolean(parsed.error?.message);
  const isEngines = typeof parsed.code === "number" && typeof parsed.message === "string";
  if (!isContracts && !isEngines) throw new Error(`not an error of the contract: ${shown}`);
}
