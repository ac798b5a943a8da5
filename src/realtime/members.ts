import type { Access } from "../auth/access.ts";
import type { Revocation } from "../auth/revocations.ts";
import type { Logger } from "../shared/log.ts";
import { Refusal, toReply } from "../shared/errors.ts";
import { userOf } from "./admission.ts";
import { documentOf, documentRoom, userRoom } from "./rooms.ts";
import type { TrimaranServer, TrimaranSocket } from "./server.ts";

export interface MembersOptions {
  io: TrimaranServer;
  access: Access;
  /** Takes a socket out of a document, as if it had left. */
  leave: (socket: TrimaranSocket, documentId: string) => Promise<void>;
  log: Logger;
}

const expiryCheckMs = 1000;

/** Keeps live connections to what their users may still do: tokens expire, and permissions are taken away. */
export function watchMembers({ io, access, leave, log }: MembersOptions) {
  /** The client gets a new token and comes back by itself, with all it has not saved. */
  function end(socket: TrimaranSocket, message: string): void {
    log.info({ socket: socket.id, user: userOf(socket)?.id }, `connection ended: ${message}`);
    socket.nsp.local.to(socket.id).emit("error-message", toReply(new Refusal("unauthorized", message)));
    socket.conn.close();
  }

  async function checkAccess(socket: TrimaranSocket, documentId: string): Promise<void> {
    const user = userOf(socket);
    if (!socket.rooms.has(documentRoom(documentId)) || (await access.may(user, documentId, "write"))) return;
    const mayRead = await access.may(user, documentId, "read");
    if (!mayRead) await leave(socket, documentId);
    socket.nsp.local.to(socket.id).emit("access-changed", { documentId, access: mayRead ? "read" : "none" });
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
  function socketsOf(userId: string): TrimaranSocket[] {
    return [...io._nsps.values()].flatMap(({ adapter, sockets }) =>
      [...(adapter.rooms.get(userRoom(userId)) ?? [])].flatMap((id) => sockets.get(id) ?? []),
    );
  }

  return {
    /** Something was taken away from a user, who may be connected here. */
    apply({ userId, documentId }: Revocation): void {
      for (const socket of socketsOf(userId)) {
        const user = userOf(socket);
        if (!user) continue;
        if (!access.isCurrent(user)) end(socket, "the token was revoked");
        else {
          const documents = documentId === undefined ? joinedDocuments(socket) : [documentId];
          for (const each of documents) {
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

export function joinedDocuments(socket: TrimaranSocket): string[] {
  return [...socket.rooms].flatMap((room) => documentOf(room) ?? []);
}
