import type { RequestLimits } from "./contract.ts";
import { hasTooManyPackets } from "./inbox.ts";

/** A connection of the engine that uses long-polling. */
interface PollingConnection {
  on(event: "close", listener: () => void): unknown;
  transport: {
    maxHttpBufferSize?: number;
    onDataRequest(request: BodyRequest, headers: Headers): Promise<Response>;
    onError(message: string): void;
  };
}
type BodyRequest = Pick<Request, "method" | "signal" | "text">;

/**
 * Reads the bodies of a session for the engine, which would read any number at once, each of any size that Bun takes,
 * and go on after the session's end: what is held for one is what it may send at once, and goes with it.
 */
export function boundBodies(
  connection: PollingConnection,
  { maxBodyBytes, maxPackets }: Pick<RequestLimits, "maxBodyBytes" | "maxPackets">,
  onRefused: (reason: string) => void,
): void {
  const { transport } = connection;
  const onDataRequest = transport.onDataRequest.bind(transport);
  const ended = new AbortController();
  connection.on("close", () => ended.abort());
  let isReading = false;

  transport.onDataRequest = async (request, headers) => {
    const refuse = (status: number, why: string) => {
      transport.onError(why);
      return new Response(null, { status, headers });
    };
    if (isReading) return refuse(400, "data request overlap from client");
    isReading = true;
    const body = await readText(
      request as Request,
      () => transport.maxHttpBufferSize ?? maxBodyBytes,
      ended.signal,
    ).finally(() => (isReading = false));
    if (body === undefined) {
      if (!ended.signal.aborted) onRefused("large_input");
      return refuse(413, "the body is too large");
    }
    if (hasTooManyPackets(body, maxPackets)) {
      onRefused("packet_flood");
      return refuse(413, "too many packets in one body");
    }
    const { method, signal } = request;
    return onDataRequest({ method, signal, text: async () => body }, headers);
  };
}

/** @returns undefined when the body is larger than `maxBytes`, or when the session has ended. */
async function readText(
  { body, headers }: Request,
  maxBytes: () => number,
  ended: AbortSignal,
): Promise<string | undefined> {
  if (!body) return "";
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => undefined);
  if (Number(headers.get("content-length")) > maxBytes()) {
    stop();
    return undefined;
  }
  ended.addEventListener("abort", stop);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (ended.aborted) return undefined;
      if (done) return Buffer.concat(pieces).toString();
      bytes += value.length;
      if (bytes > maxBytes()) {
        stop();
        return undefined;
      }
      pieces.push(value);
    }
  } finally {
    ended.removeEventListener("abort", stop);
  }
}
