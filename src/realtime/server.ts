import { type Namespace, Server, type ServerOptions, type Socket } from "socket.io";
import type { Documents } from "../documents/documents.ts";
import type { Access } from "../auth/access.ts";
import type { Revocations } from "../auth/revocations.ts";
import type { User } from "../auth/user.ts";
import type { Limits } from "../limits/limits.ts";
import type { Once } from "../limits/once.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { Refusal, toReply } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import { createBackend } from "./backend.ts";
import { createAddressOf, createAdmission, createEntryLimit, whoIs } from "./admission.ts";
import { guardListeners } from "./app-listeners.ts";
import type { ClientToServerEvents, Mode, ServerToClientEvents } from "./events.ts";
import { documentHandlers } from "./handlers/documents.ts";
import { messageHandlers } from "./handlers/messages.ts";
import { measuringParser } from "./measuring-parser.ts";
import { type EventBounds, type Handlers, attachPipeline } from "./pipeline.ts";
import { createPresence } from "./presence.ts";
import { joinedDocuments, watchMembers } from "./members.ts";
import { documentOf, documentRoom, userRoom } from "./rooms.ts";
import { createSlowClientGuard } from "./slow-clients.ts";

/** Between replicas; lossy. */
interface InterServerEvents {
  /** `owners`: the user of each entry, or null. */
  presence: (documentId: string, update: Uint8Array, owners: (string | null)[]) => void;
  "presence-wanted": (documentId: string) => void;
}

/** Kept with the session, too: no secrets. */
export interface SocketData {
  /** By the one client address function. */
  address: string;
  name: string;
  /** Undefined when the server is open. */
  user?: User;
}

export type TrimaranServer = Server<
  ClientToServerEvents,
  ServerToClientEvents,
  InterServerEvents,
  SocketData
>;
export type TrimaranSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  InterServerEvents,
  SocketData
>;

type TrimaranNamespace = Namespace<ClientToServerEvents, ServerToClientEvents, InterServerEvents, SocketData>;

export interface RealtimeOptions {
  socketOptions: Partial<ServerOptions>;
  nodeId: string;
  runtime: string;
  /** Whether there may be other replicas. */
  clustered: boolean;
  documents: Documents;
  once: Once;
  clientAddress: ClientAddress;
  access: Access;
  revocations: Revocations;
  limits: Limits;
  eventBounds: EventBounds;
  maxBufferedBytes: number;
  mode: () => Mode;
  /** Offset of what was last delivered here, for a new client to be recovered from. */
  offset: () => string | undefined;
  log: Logger;
  onResult: (event: string, result: string, seconds: number) => void;
  onSlowClient: () => void;
  /** Told of a client that was disconnected because it went on after many refusals. */
  onFlood: () => void;
}

/** Clients of a stopping replica are moved at this pace, so that the others are not run over. */
const movedPerWave = 100;
const waveMs = 20;

/** Socket.IO with everything on it but a port; the runtime attaches that. */
export function createRealtime(options: RealtimeOptions) {
  const { documents, access, limits, log } = options;
  const io: TrimaranServer = new Server({ ...options.socketOptions, parser: measuringParser });
  const presence = createPresence(io, options.clustered);
  const rooms = io.of("/").adapter;
  const handlers: Handlers = {
    ...documentHandlers({ io, documents, presence, access, limits }),
    ...messageHandlers(io, options.once),
  };

  const admit = createAdmission(options);
  // One of each for all connections: a function of its own for each would cost more than its rooms.
  const guard = createSlowClientGuard({
    maxBufferedBytes: options.maxBufferedBytes,
    log,
    onDisconnect: options.onSlowClient,
  });
  forAllNamespaces(io, (namespace) => guardListeners(namespace as unknown as Namespace, log));
  const pipeline = {
    limits,
    access,
    isMember: (member: TrimaranSocket, documentId: string) => member.rooms.has(documentRoom(documentId)),
    bounds: options.eventBounds,
    log,
    onResult: options.onResult,
    onFlood: options.onFlood,
  };
  function leave(socket: TrimaranSocket, reason: string): void {
    log.debug({ socket: socket.id, user: socket.data.user?.id, reason }, "disconnected");
    for (const documentId of joinedDocuments(socket)) {
      presence.forget(socket, documentId);
      limits.joined.give(whoIs(socket));
    }
    if (reason === "client namespace disconnect") setImmediate(() => closeUnlessJoined(socket));
  }
  const members = watchMembers({
    io,
    access,
    log,
    leave: async (socket, documentId) => void (await handlers["leave-document"](socket, { documentId })),
  });
  options.revocations.onAdded(members.apply);

  /**
   * A namespace: everyone comes in by the same door, and every event goes through the same pipeline to these
   * handlers. One more: deploy/guides/add-a-namespace.md.
   */
  function openNamespace(
    name: string,
    own: Partial<Handlers>,
    onConnection: (socket: TrimaranSocket) => void = () => {},
  ): void {
    const namespace: TrimaranNamespace = io.of(name);
    const ownPipeline = { ...pipeline, handlers: own };
    function onDisconnecting(this: TrimaranSocket, reason: string): void {
      leave(this, reason);
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
      attachPipeline(socket, ownPipeline);
      socket.on("disconnecting", onDisconnecting);
    });
  }

  openNamespace("/", handlers, (socket) => {
    // What it had joined is counted for it again.
    for (const _ of joinedDocuments(socket)) void limits.joined.take(whoIs(socket));
    // Straight to this socket, but with an offset: without one it could not be recovered.
    io.local.to(socket.id).emit("mode", modePayload(), ...offsetArgument());
  });

  rooms.on("delete-room", (room: string) => {
    const documentId = documentOf(room);
    if (documentId === undefined) return;
    presence.release(documentId);
    documents.release(documentId);
  });

  function modePayload() {
    return { mode: options.mode(), nodeId: options.nodeId, runtime: options.runtime, open: access.isOpen };
  }

  function offsetArgument(): [] | [string] {
    const offset = options.offset();
    return offset === undefined ? [] : [offset];
  }

  function connections(): Set<TrimaranSocket["conn"]> {
    const all = new Set<TrimaranSocket["conn"]>();
    for (const { sockets } of io._nsps.values()) for (const { conn } of sockets.values()) all.add(conn);
    return all;
  }

  return {
    io,
    /** Whether a connection may try to enter: asked before Socket.IO knows of it. */
    mayEnter: createEntryLimit(options),
    addressOf: createAddressOf(options.clientAddress),
    /** Watches what waits for a client, from its first byte on. */
    watchClient: guard.watch,
    backend: createBackend({ ...options, io }),
    announceMode: () => void io.local.emit("mode", modePayload()),
    /** Clients can be recovered from here on. */
    announceOffset(): void {
      const offset = options.offset();
      if (offset !== undefined) io.local.emit("offset", offset);
    },
    /** Room events may have passed these clients by. */
    announceGap: () => void io.local.emit("resync", { reason: "gap" }),
    /** In all namespaces. */
    socketCount: () => [...io._nsps.values()].reduce((sum, { sockets }) => sum + sockets.size, 0),
    /** Bytes that wait for clients to read them. */
    waitingBytes: () => [...connections()].reduce((sum, conn) => sum + guard.waitingBytes(conn), 0),
    /** Documents with members here, and how many. */
    documentSizes(): Record<string, number> {
      const sizes: [string, number][] = [];
      for (const [room, members] of io.of("/").adapter.rooms) {
        const documentId = documentOf(room);
        if (documentId !== undefined) sizes.push([documentId, members.size]);
      }
      // Not by assignment: a document may be called `__proto__`.
      return Object.fromEntries(sizes);
    },
    /**
     * Closes connections in waves. Not `disconnect`: clients take a closed connection for a broken one,
     * and come back by themselves, each after a time of its own, to a replica that is ready.
     */
    async moveClients(): Promise<void> {
      for (const [index, connection] of [...connections()].entries()) {
        connection.close();
        if (index % movedPerWave === movedPerWave - 1)
          await new Promise((resolve) => setTimeout(resolve, waveMs));
      }
    },
    async close(): Promise<void> {
      await io.close();
      presence.close();
      members.close();
    },
  };
}

/** Those there are, and those to come. */
function forAllNamespaces(io: TrimaranServer, what: (namespace: TrimaranNamespace) => void): void {
  for (const namespace of io._nsps.values()) what(namespace);
  io.on("new_namespace", what);
}

/** A client closes its connection after the last namespace. One that does not would hold it as nobody. */
function closeUnlessJoined({ client, conn }: TrimaranSocket): void {
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
