import type { Access } from "../auth/access.ts";
import type { Revocation } from "../auth/revocations.ts";
import { everything } from "../auth/scope.ts";
import type { Logger } from "../observability/log.ts";
import { Refusal, toReply } from "../util/errors.ts";
import type { RoomId } from "../contract/room-id.ts";
import { userOf } from "./admission.ts";
import { joinedRooms, socketRoom, userRoom } from "./rooms.ts";
import type { PlatformServer, PlatformSocket } from "./socket.ts";

export interface AccessEnforcementOptions {
  io: PlatformServer;
  access: Access;
  /** Takes a socket out of a room, as if it had left. */
  leave: (socket: PlatformSocket, room: RoomId) => Promise<void>;
  log: Logger;
}

const expiryCheckMs = 1000;

/** Keeps live connections to what their users may still do: tokens expire, and permissions are taken away. */
export function enforceAccess({ io, access, leave, log }: AccessEnforcementOptions) {
  /** The client gets a new token and comes back by itself, with all it has not saved. */
  function end(socket: PlatformSocket, message: string): void {
    log.info({ socket: socket.id, user: userOf(socket)?.id }, `connection ended: ${message}`);
    socket.nsp.local.to(socket.id).emit("error-message", toReply(new Refusal("unauthorized", message)));
    socket.conn.close();
  }

  async function checkAccess(socket: PlatformSocket, room: RoomId): Promise<void> {
    const user = userOf(socket);
    if (!socket.rooms.has(socketRoom(room)) || (await access.may(user, room, "write"))) return;
    const mayRead = await access.may(user, room, "read");
    if (!mayRead) await leave(socket, room);
    const payload = { documentId: room, access: mayRead ? "read" : "none" } as const;
    socket.nsp.local.to(socket.id).emit("access-changed", payload);
  }

  // One for all: a timer for each connection would cost more than looking at all of them.
  const timer = access.isOpen
    ? undefined
    : setInterval(() => {
        for (const { sockets } of io._nsps.values()) {
          for (const socket of sockets.values()) {
            const user = userOf(socket);
            if (user && !access.isCurrent(user)) end(socket, "the token has expired");
          }
        }
      }, expiryCheckMs);
  timer?.unref();

  /** In all namespaces. */
  function socketsOf(userId: string): PlatformSocket[] {
    return [...io._nsps.values()].flatMap(({ adapter, sockets }) =>
      [...(adapter.rooms.get(userRoom(userId)) ?? [])].flatMap((id) => sockets.get(id) ?? []),
    );
  }

  return {
    /** Something was taken away from a user, who may be connected here. */
    apply({ userId, scope }: Revocation): void {
      for (const socket of socketsOf(userId)) {
        const user = userOf(socket);
        if (!user) continue;
        if (!access.isCurrent(user)) end(socket, "the token was revoked");
        else {
          const rooms = scope === everything ? joinedRooms(socket) : [scope];
          for (const each of rooms) {
            checkAccess(socket, each).catch((error: unknown) => {
              // Rather too little than too much: whoever can't be judged is not kept in.
              log.error({ err: error, socket: socket.id }, "a permission could not be looked up");
              end(socket, "permissions could not be looked up");
            });
          }
        }
      }
    },
    close: (): void => clearInterval(timer),
  };
}
