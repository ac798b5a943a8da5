import type { Namespace, ServerOptions } from "socket.io";
import type { Access } from "../auth/access.ts";
import type { Observability } from "../observability/metrics.ts";
import type { Limits } from "../limits/limits.ts";
import type { ComposedContract } from "../contract/compose.ts";
import type { ClientAddress } from "../util/client-address.ts";
import { Refusal, toReply } from "../util/errors.ts";
import type { Logger } from "../observability/log.ts";
import { createAddressOf, createAdmission, createEntryLimit } from "./admission.ts";
import { guardListeners } from "./app-listeners.ts";
import type { Mode } from "./contract.ts";
import { createHandlerDeadline } from "./handler-deadline.ts";
import { GuardedServer } from "./guarded-server.ts";
import { measuringParser } from "./measuring-parser.ts";
import { type EventBounds, type Handle, attachPipeline } from "./pipeline.ts";
import { createRooms, joinedRooms, userRoom } from "./rooms.ts";
import { createSlowClientGuard } from "./slow-clients.ts";
import { type PlatformNamespace, type PlatformServer, type PlatformSocket, whoIs } from "./socket.ts";

export interface GatewayOptions {
  socketOptions: Partial<ServerOptions>;
  contract: ComposedContract;
  clientAddress: ClientAddress;
  access: Access;
  limits: Limits;
  eventBounds: EventBounds;
  maxBufferedBytes: number;
  observability: Observability;
}

/** What a client is told of the replica that it is connected to. */
export interface ReplicaState {
  mode: () => Mode;
  nodeId: string;
  runtime: string;
  /** Offset of what was last delivered here, for a new client to be recovered from. */
  offset: () => string | undefined;
}

/** Clients of a stopping replica are moved at this pace, so that the others are not run over. */
const movedPerWave = 100;
const waveMs = 20;
/** How long a connection may take to close when the server stops. */
const closeGraceMs = 1000;

/** Socket.IO with everything on it but a port and the app's handlers. */
export function createGateway(options: GatewayOptions) {
  const { access, limits, contract, eventBounds } = options;
  const { log, metrics } = options.observability;
  const io: PlatformServer = new GuardedServer({ ...options.socketOptions, parser: measuringParser }, log);
  let closed: Promise<void> | undefined;
  /** Calling it again gives the same promise. */
  const close = (): Promise<void> | undefined => (closed ??= closeServer(io));
  const rooms = createRooms(io, contract);
  const admit = createAdmission(options);
  const within = createHandlerDeadline(eventBounds.handlerTimeoutMs);
  // One of each for all connections: a function of its own for each would cost more than its rooms.
  const guard = createSlowClientGuard({
    maxBufferedBytes: options.maxBufferedBytes,
    log,
    onDisconnect: metrics.countSlowClient,
  });
  forAllNamespaces(io, (namespace) => guardListeners(namespace as unknown as Namespace, log));

  /** A namespace of the contract: its clients pass the same admission, their events the same pipeline. */
  function openNamespace(
    name: string,
    handlers: ReadonlyMap<string, Handle>,
    onConnection: (socket: PlatformSocket) => void,
    onLeaving: (socket: PlatformSocket) => void,
  ): void {
    const namespace: PlatformNamespace = io.of(name);
    const events = new Map([...contract.events].filter(([, event]) => event.namespace === name));
    const pipeline = {
      events,
      handlers,
      limits,
      access,
      bounds: eventBounds,
      within,
      observability: options.observability,
    };
    function onDisconnecting(this: PlatformSocket, reason: string): void {
      log.debug({ socket: this.id, user: this.data.user?.id, reason }, "disconnected");
      onLeaving(this);
      if (reason === "client namespace disconnect") setImmediate(() => closeUnlessJoined(this));
    }
    namespace.use((socket, next) => {
      admit(socket).then(
        () => next(),
        (error: unknown) => next(asConnectError(error, log)),
      );
    });
    namespace.on("connection", (socket) => {
      const { address, user } = socket.data;
      log.debug({ socket: socket.id, user: user?.id, address, recovered: socket.recovered }, "connected");
      if (user) void socket.join(userRoom(user.id));
      onConnection(socket);
      attachPipeline(socket, pipeline);
      socket.on("disconnecting", onDisconnecting);
    });
  }

  function connections(): Set<PlatformSocket["conn"]> {
    const all = new Set<PlatformSocket["conn"]>();
    for (const { sockets } of io._nsps.values()) for (const { conn } of sockets.values()) all.add(conn);
    return all;
  }

  /**
   * Closes connections in waves. Not `disconnect`: clients take a closed connection for a broken one,
   * and come back by themselves, each after a time of its own, to a replica that is ready.
   */
  async function moveClients(): Promise<void> {
    for (const [index, connection] of [...connections()].entries()) {
      connection.close();
      if (index % movedPerWave === movedPerWave - 1)
        await new Promise((resolve) => setTimeout(resolve, waveMs));
    }
  }

  return {
    io,
    rooms,
    within,
    /** Whether a connection may try to enter: asked before Socket.IO knows of it. */
    mayEnter: createEntryLimit({ ...options, log }),
    addressOf: createAddressOf(options.clientAddress),
    /** Watches what waits for a client, from its first byte on. */
    watchClient: guard.watch,

    /**
     * Lets clients in, to these handlers.
     * @param onLeaving told of each room that a socket is still a member of when its connection ends.
     */
    open(
      handlers: ReadonlyMap<string, Handle>,
      state: ReplicaState,
      onLeaving: (socket: PlatformSocket, room: ReturnType<typeof joinedRooms>[number]) => void,
    ): void {
      // Those with pushes alone, too: a namespace that is not opened here would admit every client.
      const definitions = [...contract.events.values(), ...contract.pushes.values()];
      const namespaces = new Set(definitions.map(({ namespace }) => namespace));
      for (const name of namespaces) {
        const isMain = name === "/";
        openNamespace(
          name,
          handlers,
          (socket) => isMain && welcome(socket, state),
          (socket) => {
            for (const room of joinedRooms(socket)) onLeaving(socket, room);
          },
        );
      }
    },

    announceMode: (state: ReplicaState): void => void io.local.emit("mode", modeOf(state)),
    /** Clients can be recovered from here on. */
    announceOffset({ offset }: Pick<ReplicaState, "offset">): void {
      const current = offset();
      if (current !== undefined) io.local.emit("offset", current);
    },
    /** Room events may have passed these clients by. */
    announceGap: (): void => void io.local.emit("resync", { reason: "gap" }),
    /** In all namespaces. */
    socketCount: () => [...io._nsps.values()].reduce((sum, { sockets }) => sum + sockets.size, 0),
    /** Bytes that wait for clients to read them. */
    waitingBytes: () => [...connections()].reduce((sum, conn) => sum + guard.waitingBytes(conn), 0),
    /**
     * Ends all connections, then the server that they came by.
     * @param closeServer ends those too that are not ended yet, such as of a client that hangs.
     */
    async end(closeServer: () => Promise<void>): Promise<void> {
      await moveClients();
      const ended = close();
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, closeGraceMs);
      await Promise.race([ended, grace.promise]);
      clearTimeout(timer);
      await closeServer();
      await ended;
    },
    close,
  };

  function welcome(socket: PlatformSocket, state: ReplicaState): void {
    // What it had joined is counted for it again.
    for (const _ of joinedRooms(socket)) void limits.joined.take(whoIs(socket));
    const offset = state.offset();
    // Straight to this socket, but with an offset: without one it could not be recovered.
    io.local.to(socket.id).emit("mode", modeOf(state), ...(offset === undefined ? [] : [offset]));
  }

  function modeOf({ mode, nodeId, runtime }: ReplicaState) {
    return { mode: mode(), nodeId, runtime, open: access.isOpen };
  }
}

/** Socket.IO that was never attached to a server has no engine, and throws in `close`; its adapters may have timers. */
function closeServer(io: PlatformServer): Promise<void> | undefined {
  if ((io as { engine?: unknown }).engine !== undefined) return io.close();
  for (const { adapter } of io._nsps.values()) void adapter.close();
  return undefined;
}

/** Those there are, and those to come. */
function forAllNamespaces(io: PlatformServer, what: (namespace: PlatformNamespace) => void): void {
  for (const namespace of io._nsps.values()) what(namespace);
  io.on("new_namespace", what);
}

/** A client closes its connection after the last namespace. One that does not would hold it as nobody. */
function closeUnlessJoined({ client, conn }: PlatformSocket): void {
  const { sockets } = client as unknown as { sockets: Map<string, unknown> };
  if (sockets.size === 0) conn.close();
}

/** `connect_error` on the client, with the contract's error in `data`. */
function asConnectError(error: unknown, log: Logger): Error {
  if (!(error instanceof Refusal)) log.error({ err: error }, "a connection could not be admitted");
  const refusal =
    error instanceof Refusal ? error : new Refusal("unavailable", "internal error; try again later");
  return Object.assign(new Error(refusal.message), { data: toReply(refusal).error });
}
