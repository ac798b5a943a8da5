import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestLimits } from "./contract.ts";

/** Connections are looked at so often. Node's own 30 s would be what a slow client really gets. */
const maxCheckMs = 1000;

/**
 * `node:http`'s own limits, which Node and Deno keep alike: on time, from when a connection or its next request
 * starts, and on the size of headers.
 *
 * @param isUpgrade whether a request's `Upgrade` is meant. For any other it is answered as if it had none, as
 *   HTTP wants it (Java's client asks for `h2c` each time); without this (Node before 24.9), it gets no answer.
 */
export function limitOptions(
  { headersTimeoutMs, bodyTimeoutMs, maxHeaderBytes }: RequestLimits,
  isUpgrade: (request: IncomingMessage) => boolean,
): ServerOptions {
  return {
    headersTimeout: headersTimeoutMs,
    // Of the whole request.
    requestTimeout: headersTimeoutMs + bodyTimeoutMs,
    connectionsCheckingInterval: Math.min(maxCheckMs, headersTimeoutMs / 4),
    maxHeaderSize: maxHeaderBytes,
    shouldUpgradeCallback: isUpgrade,
  };
}

const answers: Record<string, [reason: string, status: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["slow_request", "408 Request Timeout"],
  HPE_HEADER_OVERFLOW: ["large_headers", "431 Request Header Fields Too Large"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["malformed_request", "413 Payload Too Large"],
};
const malformed: [reason: string, status: string] = ["malformed_request", "400 Bad Request"];

/** So long a client that was answered before it had sent all may go on sending, to read the answer. */
const lingerMs = 500;

/** Answers and counts what `node:http` cuts off; without a listener it would answer alike, in silence. */
export function limitRequests(server: Server, onRefused: (reason: string) => void): void {
  server.prependListener("request", endIfAnsweredEarly);
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex & { bytesWritten?: number }) => {
    // The client went away by itself.
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const [reason, status] = answers[error.code ?? ""] ?? malformed;
    onRefused(reason);
    // Not `end` alone, which would wait for the other side to close as well.
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
      socket.destroy(),
    );
  });
}

/**
 * Once there is an answer nobody looks at the rest of a body any more: Node waits for it as long as for any,
 * Deno 2.9 for ever, as it takes the connection off its list of those to watch.
 */
function endIfAnsweredEarly(request: IncomingMessage, response: ServerResponse): void {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (length === undefined && encoding === undefined) return;
  response.once("finish", () => {
    if (request.complete) return;
    setTimeout(() => request.complete || request.socket.destroy(), lingerMs).unref();
  });
}
