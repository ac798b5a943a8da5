import { Server, type ServerOptions, type Socket } from "socket.io";
import * as v from "valibot";
import type { Documents } from "../documents/documents.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { Once } from "../limits/once.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { Refusal } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import { type ClientToServerEvents, type Mode, type ServerToClientEvents, authSchema } from "./events.ts";
import { documentHandlers } from "./handlers/documents.ts";
import { messageHandlers } from "./handlers/messages.ts";
import { attachPipeline, toReply } from "./pipeline.ts";
import { createPresence } from "./presence.ts";
import { documentOf, documentRoom } from "./rooms.ts";
import { createSlowClientGuard } from "./slow-clients.ts";

/** Between replicas; lossy. */
interface InterServerEvents {
  presence: (documentId: string, update: Uint8Array) => void;
  "presence-wanted": (documentId: string) => void;
}

interface SocketData {
  /** The limiter's key, by the one client address function. */
  address: string;
  name: string;
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

export interface RealtimeOptions {
  socketOptions: Partial<ServerOptions>;
  nodeId: string;
  runtime: string;
  /** Whether there may be other replicas. */
  clustered: boolean;
  documents: Documents;
  once: Once;
  clientAddress: ClientAddress;
  limiters: { connect: Limiter; event: Limiter };
  maxPayloadBytes: number;
  maxBufferedBytes: number;
  mode: () => Mode;
  /** Offset of what was last delivered here, for a new client to be recovered from. */
  offset: () => string | undefined;
  log: Logger;
  onResult: (event: string, result: string, seconds: number) => void;
  onSlowClient: () => void;
}

/** Clients of a stopping replica are moved at this pace, so that the others are not run over. */
const movedPerWave = 100;
const waveMs = 20;

/** Socket.IO with everything on it but a port; the runtime attaches that. */
export function createRealtime(options: RealtimeOptions) {
  const { documents, limiters, log, maxPayloadBytes } = options;
  const io: TrimaranServer = new Server(options.socketOptions);
  const presence = createPresence(io, options.clustered);
  const rooms = io.of("/").adapter;
  const handlers = {
    ...documentHandlers(io, documents, presence),
    ...messageHandlers(io, options.once),
  };

  // Socket.IO makes a socket of every CONNECT that comes before the first is answered: a thousand on one
  // connection would each have their rooms, and be sent everything.
  const entered = new WeakSet<object>();
  io.use((socket, next) => {
    const { conn } = socket;
    if (entered.has(conn))
      return next(asConnectError(new Refusal("invalid", "this connection has entered already"), log));
    entered.add(conn);
    admit(socket, options).then(
      () => next(),
      (error: unknown) => {
        entered.delete(conn);
        next(asConnectError(error, log));
      },
    );
  });

  // One of each for all connections: a function of its own for each would cost more than its rooms.
  const guard = createSlowClientGuard({
    maxBufferedBytes: options.maxBufferedBytes,
    log,
    onDisconnect: options.onSlowClient,
  });
  const pipeline = {
    handlers,
    limiter: limiters.event,
    isMember: (member: TrimaranSocket, documentId: string) => member.rooms.has(documentRoom(documentId)),
    maxPayloadBytes,
    log,
    onResult: options.onResult,
  };
  function onDisconnecting(this: TrimaranSocket, reason: string): void {
    log.debug({ socket: this.id, reason }, "disconnected");
    for (const documentId of joinedDocuments(this)) presence.forget(this, documentId);
    entered.delete(this.conn);
  }

  io.on("connection", (socket) => {
    log.debug({ socket: socket.id, address: socket.data.address, recovered: socket.recovered }, "connected");
    guard(socket.conn);
    // Straight to this socket, but with an offset: without one it could not be recovered.
    io.local.to(socket.id).emit("mode", modePayload(), ...offsetArgument());
    attachPipeline(socket, pipeline);
    socket.on("disconnecting", onDisconnecting);
  });

  rooms.on("delete-room", (room: string) => {
    const documentId = documentOf(room);
    if (documentId === undefined) return;
    presence.release(documentId);
    documents.release(documentId);
  });

  function modePayload() {
    return { mode: options.mode(), nodeId: options.nodeId, runtime: options.runtime };
  }

  function offsetArgument(): [] | [string] {
    const offset = options.offset();
    return offset === undefined ? [] : [offset];
  }

  return {
    io,
    announceMode: () => void io.local.emit("mode", modePayload()),
    /** Clients can be recovered from here on. */
    announceOffset(): void {
      const offset = options.offset();
      if (offset !== undefined) io.local.emit("offset", offset);
    },
    /** Room events may have passed these clients by. */
    announceGap: () => void io.local.emit("resync", { reason: "gap" }),
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
      const sockets = [...io.of("/").sockets.values()];
      for (const [index, socket] of sockets.entries()) {
        socket.conn.close();
        if (index % movedPerWave === movedPerWave - 1)
          await new Promise((resolve) => setTimeout(resolve, waveMs));
      }
    },
    async close(): Promise<void> {
      await io.close();
      presence.close();
    },
  };
}

function joinedDocuments(socket: TrimaranSocket): string[] {
  return [...socket.rooms].flatMap((room) => documentOf(room) ?? []);
}

/** Who connects, from where, and whether not too often. */
async function admit(socket: TrimaranSocket, { clientAddress, limiters }: RealtimeOptions): Promise<void> {
  const { address: peer, headers, auth } = socket.handshake;
  const forwardedFor = headers["x-forwarded-for"];
  socket.data.address = clientAddress(
    peer,
    Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
  );
  const { allowed, resetInMs } = await limiters.connect(socket.data.address);
  if (!allowed) throw new Refusal("rate_limited", "too many connections", { retryAfterMs: resetInMs });
  const parsed = v.safeParse(authSchema, auth);
  if (!parsed.success) throw new Refusal("invalid", `auth: ${parsed.issues[0].message}`);
  socket.data.name = parsed.output.name || `Guest ${socket.id.slice(0, 4)}`;
}

/** `connect_error` on the client, with the contract's error in `data`. */
function asConnectError(error: unknown, log: Logger): Error {
  if (!(error instanceof Refusal)) log.error({ err: error }, "a connection could not be admitted");
  const refusal =
    error instanceof Refusal ? error : new Refusal("unavailable", "internal error; try again later");
  return Object.assign(new Error(refusal.message), { data: toReply(refusal).error });
}
