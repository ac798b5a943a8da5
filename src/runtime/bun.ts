import {
  Server as Engine,
  type ServerOptions as EngineOptions,
  type WebSocketData,
} from "@socket.io/bun-engine";
import { foreignOrigin } from "../shared/origin.ts";
import { publishThrough } from "./bun-fan-out.ts";
import { boundControlFrames } from "./control-frames.ts";
import { leaveHandshakeBehind } from "./lean-connection.ts";
import type { RuntimeServer, ServerParts } from "./contract.ts";
import { countRequestsOfTurn, nextTurn } from "./bun-turns.ts";
import { boundBodies } from "./bun-bodies.ts";

type BunServer = Bun.Server<WebSocketData>;

/** Past this a WebSocket is closed by Bun itself. */
const backstopBytes = 2 ** 26;
/** Bun counts a request's time in one byte. */
const maxTimeoutSeconds = 255;

/** Bun's own HTTP and WebSocket server, through Socket.IO's engine for it. */
export function createBunServer(parts: ServerParts): RuntimeServer {
  const { fetch, io, socketOptions, allowsOrigin, limits } = parts;
  const path = `${io.path()}/`;
  const engine = new Engine(engineOptions(path, socketOptions));
  const { clients } = engine as unknown as { clients: Map<string, unknown> };
  function forget(this: { id: string }): void {
    clients.delete(this.id);
  }
  // Before `bind`, so that Socket.IO sees the corrected connection.
  engine.on("connection", (connection, request, server) => {
    const url = new URL(request.url);
    // The engine leaves the address out and gives absolute URLs, where Socket.IO expects node:http's.
    Object.assign(connection, { remoteAddress: addressOf(request, server) });
    connection.request.url = url.pathname + url.search;
    leaveHandshakeBehind(connection as never, forget);
    Object.assign(connection, { sendPacket });
    if (connection.transport.name === "polling") boundBodies(connection as never, limits, parts.onRefused);
    parts.onConnection(connection as never);
  });
  io.bind(engine);

  const { websocket, idleTimeout } = engine.handler();
  // `requestIP` knows nothing of a request once it is upgraded.
  const addresses = new WeakMap<Request, string | undefined>();
  const addressOf = (request: Request, server: BunServer) =>
    addresses.get(request) ?? server.requestIP(request)?.address;
  // Here, as the engine's `allowRequest` would answer in another form.
  const isForeign = ({ headers }: Request, peer: string | undefined) =>
    !allowsOrigin({
      origin: headers.get("origin") ?? undefined,
      host: headers.get("host") ?? undefined,
      forwardedHost: headers.get("x-forwarded-host") ?? undefined,
      peer,
    });
  const noteFrame = boundControlFrames(parts.onRefused);
  const isOneTooMany = countRequestsOfTurn(limits.maxPipelined, parts.onRefused);
  const bodyTimeoutSeconds = Math.min(maxTimeoutSeconds, Math.ceil(limits.bodyTimeoutMs / 1000));
  let server: BunServer | undefined;

  function respond(request: Request, current: BunServer, address: string | undefined) {
    // For the next 16 KB/s of the body; slower ones are cut off (uWebSockets' rule against slow clients).
    if (request.method !== "GET") current.timeout(request, bodyTimeoutSeconds);
    // A `Host` may be no host at all, and is part of the URL here.
    if (request.method === "CONNECT") return refuse({ connection: "close" });
    if (!URL.canParse(request.url)) return refuse();
    const { pathname, searchParams } = new URL(request.url);
    const { headers } = request;
    if (!pathname.startsWith(path)) return fetch(request, { remoteAddress: address });
    if (isForeign(request, address)) return new Response(foreignOrigin.body, forbidden);
    if (isBadUpgrade(request, searchParams)) return refuse();
    if (!searchParams.get("sid") && !parts.mayOpen(address, headers.get("x-forwarded-for") ?? undefined))
      return new Response(tooManyEntering, { status: 503, headers: { "content-type": "application/json" } });
    addresses.set(request, address);
    return engine.handleRequest(request, current);
  }

  return {
    async listen(port, host) {
      server = Bun.serve<WebSocketData>({
        port,
        hostname: host,
        // Not Bun's default of 10 s by chance: the time of a connection that does nothing, which long polls must
        // not reach. Before a request is whole Bun gives 10 s that can't be set (told in oven-sh/bun#33061),
        // both in steps of 4 s; nor can the size of headers be set, of 16 KiB and 198 fields (oven-sh/bun#33636).
        idleTimeout,
        // Bun's default is 128 MB, all of which the engine would read before it looks at the size.
        maxRequestBodySize: limits.maxBodyBytes,
        fetch(request, current) {
          const client = current.requestIP(request);
          const answer = () => respond(request, current, client?.address);
          return isOneTooMany(client) ? nextTurn().then(answer) : answer();
        },
        websocket: {
          ...websocket,
          ping: (ws) => void noteFrame(ws),
          pong: (ws) => void noteFrame(ws),
          open(ws) {
            engine.onWebSocketOpen(ws);
            // A second WebSocket of a session is refused before it is open, when there is nothing to close
            // yet: the engine would leave it open and without an answer.
            if (readyStateOf(ws.data) !== "open") ws.close();
          },
          // The engine ignores what `send` returns, and Bun drops what is past its limit in silence.
          // Slow clients are realtime/slow-clients.ts' business; this is for what escapes it.
          backpressureLimit: backstopBytes,
          closeOnBackpressureLimit: true,
        },
      });
      publishThrough(server, io);
      return server.port ?? port;
    },
    async close() {
      await server?.stop(true);
    },
    connections: () => clients.size,
  };
}

const forbidden = { status: foreignOrigin.status, headers: { "content-type": "application/json" } };

const tooManyEntering = JSON.stringify({
  error: { code: "overloaded", message: "too many connections that have not entered" },
});

/** The parts of the engine's connection that sending takes. */
interface Sending {
  readyState: string;
  writeBuffer: object[];
  emitReserved(event: "packetCreate", packet: object): void;
  flush(): void;
}

/**
 * The engine's own makes text of every packet, for a log that nobody reads: of a binary one the numbers of all
 * its bytes: two thirds of the processor time of joining a document of 1 MB.
 */
function sendPacket(this: Sending, type: string, data: unknown): void {
  if (this.readyState === "closing" || this.readyState === "closed") return;
  const packet = { type, data };
  this.emitReserved("packetCreate", packet);
  this.writeBuffer.push(packet);
  this.flush();
}

/** Options given to Socket.IO's server don't reach an engine that is bound to it. */
function engineOptions(path: string, options: ServerParts["socketOptions"]): Partial<EngineOptions> {
  const { pingInterval, pingTimeout, upgradeTimeout, maxHttpBufferSize, cors } = options;
  const all = { path, pingInterval, pingTimeout, upgradeTimeout, maxHttpBufferSize, cors };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function readyStateOf({ transport }: WebSocketData): string {
  return (transport as unknown as { readyState: string }).readyState;
}

/** Upgrades that the engine answers with 500: to something else than a WebSocket, or half of one. */
function isBadUpgrade({ method, headers }: Request, query: URLSearchParams): boolean {
  const upgrade = headers.get("upgrade");
  const isWebSocket = query.get("transport") === "websocket";
  if (upgrade === null) return isWebSocket;
  return (
    !isWebSocket ||
    method !== "GET" ||
    upgrade.toLowerCase() !== "websocket" ||
    !/^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "") ||
    headers.get("sec-websocket-version") !== "13"
  );
}

/**
 * @param headers after a CONNECT `connection: close`, as Bun waits for a tunnel's bytes on that connection; after
 *   anything else not, as Bun then waits for ever for a client that does not close as well.
 */
function refuse(headers: Record<string, string> = {}): Response {
  return Response.json(
    { error: { code: "invalid", message: "this request makes no sense here" } },
    { status: 400, headers },
  );
}
