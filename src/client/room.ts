import { ObservableV2 } from "lib0/observable";
import type { ErrorReply } from "../shared/errors.ts";
import type { TrimaranClient } from "./connect.ts";

/** What features that speak in a room need to know of a client's membership; a document's provider has it, too. */
export interface RoomMember {
  readonly documentId: string;
  /** Whether the client is a member now. */
  readonly synced: boolean;
  on(event: "state", listener: () => void): void;
  off(event: "state", listener: () => void): void;
}

const ackTimeoutMs = 10_000;
const retryMs = 1000;

interface RoomEvents {
  /** `synced` is other than before. */
  state: () => void;
  /** The server refused the join for good. */
  refused: (message: string) => void;
}

/** Joins a room on every connection, for apps without documents. A document's provider joins by itself. */
export function joinRoom(socket: TrimaranClient, documentId: string): RoomMember & Room {
  return new Room(socket, documentId);
}

const temporary = new Set(["rate_limited", "overloaded", "unavailable"]);

class Room extends ObservableV2<RoomEvents> {
  readonly documentId: string;
  #socket: TrimaranClient;
  #isMember = false;
  /** Counts connections: an answer to an earlier one's question is of no interest. */
  #session = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: TrimaranClient, documentId: string) {
    super();
    this.#socket = socket;
    this.documentId = documentId;
    socket.on("connect", this.#join);
    socket.on("disconnect", this.#onDisconnect);
    if (socket.connected) this.#join();
  }

  get synced(): boolean {
    return this.#isMember;
  }

  /** Leaves the room; the socket stays the caller's. */
  override destroy(): void {
    this.#session += 1;
    clearTimeout(this.#retryTimer);
    this.#socket.off("connect", this.#join);
    this.#socket.off("disconnect", this.#onDisconnect);
    if (this.#socket.connected)
      this.#socket.emit("leave-document", { documentId: this.documentId }, () => {});
    super.destroy();
  }

  #setMember(isMember: boolean): void {
    if (this.#isMember === isMember) return;
    this.#isMember = isMember;
    this.emit("state", []);
  }

  #join = (): void => {
    const session = (this.#session += 1);
    clearTimeout(this.#retryTimer);
    this.#socket
      .timeout(ackTimeoutMs)
      .emit(
        "join-document",
        { documentId: this.documentId },
        (late: Error | null, reply: ErrorReply | { ok: true }) => {
          if (session !== this.#session) return;
          const error = late || reply.ok ? undefined : reply.error;
          if (error && !temporary.has(error.code)) return this.emit("refused", [error.message]);
          if (late || error) this.#retryTimer = setTimeout(this.#join, error?.retryAfterMs ?? retryMs);
          else this.#setMember(true);
        },
      );
  };

  #onDisconnect = (): void => {
    this.#session += 1;
    clearTimeout(this.#retryTimer);
    this.#setMember(false);
  };
}
