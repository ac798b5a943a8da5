import { once } from "node:events";
import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type HttpBindings, createAdaptorServer } from "@hono/node-server";
import { foreignOrigin } from "../shared/origin.ts";
import { boundControlFrames } from "./control-frames.ts";
import { leaveHandshakeBehind } from "./lean-connection.ts";
import { writeByTurns } from "./node-fan-out.ts";
import { limitOptions, limitRequests } from "./node-limits.ts";
import { takeTurns } from "./pipelining.ts";
import type { Connection } from "./receivers.ts";
import type { RuntimeServer, ServerParts } from "./contract.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { type Packet, hasTooManyPackets } from "./inbox.ts";
import { boundInput } from "./input-bound.ts";

/** Thousands who come back at once wait in line; Node's own 511 would turn them away. */
const backlog = 4096;
/** So long a client may take to close its side of a WebSocket; `ws` would give it 30 s. */
const closeTimeoutMs = 2000;

/** What is used of engine.io's server, some of which its types keep protected. */
interface Engine {
  use(
    middleware: (
      request: IncomingMessage & { _query: Record<string, string> },
      response: unknown,
      next: (error?: Error) => void,
    ) => void,
  ): void;
  clients: Record<string, unknown>;
  clientsCount: number;
  prependListener(
    event: "connection",
    listener: (
      connection: Connection & EngineConnection & Parameters<typeof leaveHandshakeBehind>[0],
    ) => void,
  ): void;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The WebSocket server, made anew when the port opens. */
  ws: {
    options: { closeTimeout?: number; autoPong?: boolean };
    handleUpgrade(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      done: (webSocket: WebSocket) => void,
    ): void;
  };
}

/** What is used of a WebSocket of `ws`. */
interface WebSocket {
  on(event: "ping" | "pong", listener: (data: Buffer) => void): unknown;
  pong(data: Buffer): void;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
  terminate(): void;
}

/** Node and Deno, both through `node:http`. */
export function createNodeServer(
  { fetch, io, socketOptions, allowsOrigin, mayOpen, limits, onConnection, onRefused }: ServerParts,
  fastPaths: boolean,
): RuntimeServer {
  const path = `${io.path()}/`;
  const isWebSocket = ({ url, headers }: IncomingMessage) =>
    url?.startsWith(path) === true && headers.upgrade?.toLowerCase() === "websocket";
  const server = createAdaptorServer({
    fetch(request, env) {
      const { incoming, outgoing } = env as HttpBindings;
      return fetch(request, {
        remoteAddress: incoming.socket.remoteAddress,
        onAnswered: (listener) => void outgoing.once("close", listener),
      });
    },
    serverOptions: limitOptions(limits, isWebSocket),
  }) as Server;
  // What is not for the engine is answered below: its own way forgets connections that were used before.
  io.attach(server, { ...socketOptions, destroyUpgrade: false });
  limitRequests(server, onRefused);
  takeTurns(server, limits.maxPipelined, onRefused);
  // Of a connection on which nothing moves, such as of a client that does not read its answer. A long poll is
  // quiet for one ping interval, and a WebSocket is past this.
  server.timeout = Math.max(limits.bodyTimeoutMs, 2 * (socketOptions.pingInterval ?? 0));
  const engine = io.engine as unknown as Engine;
  engine.use((request, response, next) => next(refusalOf(request, response instanceof ServerResponse)));
  engine.use(({ _query: { sid }, socket, headers }, _response, next) => {
    const isOneTooMany = !sid && !mayOpen(socket.remoteAddress, headers["x-forwarded-for"]?.toString());
    next(isOneTooMany ? new Error("too many connections that have not entered") : undefined);
  });
  refuseForeignPages(engine, allowsOrigin);
  function forget(this: { id: string }): void {
    if (Reflect.deleteProperty(engine.clients, this.id)) engine.clientsCount -= 1;
  }
  // Before Socket.IO adds listeners of its own.
  engine.prependListener("connection", (connection) => {
    leaveHandshakeBehind(connection, forget);
    if (connection.transport.name === "polling")
      takePacketsInOrder(connection.transport as never, limits.maxPackets, onRefused);
    onConnection(connection);
    if (fastPaths) writeByTurns(connection);
  });
  // `closeAllConnections` knows nothing of those that were upgraded.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    // Where the runtime does not ask before, such as Node before 24.9.
    if (!isWebSocket(request)) return refuseUpgrade(socket);
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
  });

  return {
    async listen(port, host) {
      server.listen({ port, host, backlog });
      await once(server, "listening");
      engine.ws.options.closeTimeout = closeTimeoutMs;
      boundWebSockets(engine.ws, limits.maxEntryBytes, onRefused);
      const address = server.address();
      return typeof address === "object" && address ? address.port : port;
    },
    async close() {
      const closed = server.listening ? once(server, "close") : undefined;
      if (closed) server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
    connections: () => engine.clientsCount,
  };
}

/** Also those that ask to take a session over, of which the engine tells nothing before they are asked for. */
function boundWebSockets(
  webSockets: Engine["ws"],
  maxEntryBytes: number,
  onRefused: (reason: string) => void,
): void {
  const handleUpgrade = webSockets.handleUpgrade.bind(webSockets);
  const noteFrame = boundControlFrames(onRefused);
  // Of a WebSocket that is ended, `ws` would make an error for each ping that it has read already: 100 ms for 64 KB.
  webSockets.options.autoPong = false;
  webSockets.handleUpgrade = (request, socket, head, done) =>
    handleUpgrade(request, socket, head, (webSocket) => {
      boundInput({ socket: webSocket } as never, maxEntryBytes);
      webSocket.on("ping", (data) => noteFrame(webSocket) && webSocket.pong(data));
      webSocket.on("pong", () => noteFrame(webSocket));
      webSocket.on("error", ({ code }) => {
        if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") onRefused("large_input");
      });
      done(webSocket);
    });
}

/** Not by engine.io's `allowRequest`, which looks at handshakes alone, not at requests of a session. */
function refuseForeignPages(engine: Engine, allowsOrigin: ServerParts["allowsOrigin"]): void {
  const handleRequest = engine.handleRequest.bind(engine);
  const handleUpgrade = engine.handleUpgrade.bind(engine);
  const isForeign = ({ headers, socket }: IncomingMessage) =>
    !allowsOrigin({
      origin: headers.origin,
      host: headers.host,
      forwardedHost: headers["x-forwarded-host"]?.toString(),
      peer: socket.remoteAddress,
    });
  const { status, body } = foreignOrigin;
  const headers = {
    "Content-Type": "application/json",
    "Content-Length": String(body.length),
    Connection: "close",
  };
  engine.handleRequest = (request, response) => {
    if (isForeign(request)) response.writeHead(status, headers).end(body);
    else handleRequest(request, response);
  };
  engine.handleUpgrade = (request, socket, head) => {
    if (!isForeign(request)) return handleUpgrade(request, socket, head);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.on("error", () => undefined);
    // Not `end` alone, which would wait for the other side to close as well.
    socket.end(`HTTP/1.1 ${status} Forbidden\r\n${lines.join("")}\r\n${body}`, () => socket.destroy());
  };
}

/** What is used of engine.io's long-polling. */
interface Polling {
  parser: { decodePayload(body: string): Packet[] };
  onDataRequest(request: IncomingMessage, response: ServerResponse): void;
  onData(body: string): void;
  onPacket(packet: Packet): void;
  onError(message: string): void;
  onClose(): void;
  emit(event: "packet", packet: Packet): void;
}

/**
 * Has engine.io hand over every packet of a body, so that one that closes is handled after those before it, and
 * refuse a body of too many before it is taken apart.
 */
function takePacketsInOrder(
  transport: Polling,
  maxPackets: number,
  onRefused: (reason: string) => void,
): void {
  const onDataRequest = transport.onDataRequest.bind(transport);
  transport.onDataRequest = (request, response) => {
    // The engine goes on with the session.
    response.once("finish", () => {
      if (response.statusCode !== 413) return;
      onRefused("large_input");
      transport.onError("the body is too large");
    });
    onDataRequest(request, response);
  };
  transport.onData = (body) => {
    if (hasTooManyPackets(body, maxPackets)) {
      onRefused("packet_flood");
      return transport.onError("too many packets in one body");
    }
    for (const packet of transport.parser.decodePayload(body)) transport.onPacket(packet);
  };
  transport.onPacket = (packet) => {
    if (packet.type === "close") transport.onClose();
    else transport.emit("packet", packet);
  };
}

/**
 * Requests that engine.io 6.6 takes and then never answers (a poll of a WebSocket's session), answers with 500
 * (other methods), or answers with HTTP inside of a WebSocket (an older protocol).
 *
 * @returns undefined for all others.
 */
function refusalOf(
  { method = "", _query: { transport, EIO } }: IncomingMessage & { _query: Record<string, string> },
  isPlainHttp: boolean,
): Error | undefined {
  if (isPlainHttp && transport === "websocket")
    return new Error("a WebSocket is asked for without an upgrade");
  if (isPlainHttp && method !== "GET" && method !== "POST") return new Error(`method ${method}`);
  if (EIO !== "4" && !isPlainHttp) return new Error("another protocol");
  return undefined;
}

/** There is one WebSocket here, and this is not its address. */
function refuseUpgrade(socket: Duplex): void {
  const body = JSON.stringify({
    error: { code: "invalid", message: "nothing to upgrade to at this address" },
  });
  socket.on("error", () => socket.destroy());
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
