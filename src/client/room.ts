import { ObservableV2 } from "lib0/observable";
import type { Awareness } from "y-protocols/awareness";
import type { ErrorReply } from "../platform/util/errors.ts";
import type { TrimaranClient } from "./connect.ts";
import { bindPresence } from "./presence.ts";

/** What features that speak in a room need to know of a client's membership; a document's provider has it, too. */
export interface RoomMember {
  readonly documentId: string;
  /** Whether the client is a member now. */
  readonly synced: boolean;
  on(event: "state", listener: () => void): void;
  off(event: "state", listener: () => void): void;
}

/** `synced`: connected, and has what the server has. `offline`: no connection. */
export type RoomStatus = "connecting" | "synced" | "offline";

/** What the server lets this client do in a room. `none`: not even read. */
export type RoomAccess = "none" | "read" | "write";

export interface RoomState {
  status: RoomStatus;
  access: RoomAccess;
}

export interface RoomOptions {
  /** Presence of the room's members; neither sent nor received if left out. See `createAwareness`. */
  awareness?: Awareness;
}

const ackTimeoutMs = 10_000;
const retryMs = 1000;

interface RoomEvents {
  /** `state` is other than before. */
  state: () => void;
  /** The server refused the join for good. */
  refused: (message: string) => void;
}

/** Joins a room on every connection, for apps without documents. A document's provider joins by itself. */
export function joinRoom(
  socket: TrimaranClient,
  documentId: string,
  options: RoomOptions = {},
): RoomMember & Room {
  return new Room(socket, documentId, options);
}

const temporary = new Set(["rate_limited", "overloaded", "unavailable"]);

class Room extends ObservableV2<RoomEvents> {
  readonly documentId: string;
  #socket: TrimaranClient;
  #presence: ReturnType<typeof bindPresence> | undefined;
  #state: RoomState = { status: "connecting", access: "write" };
  /** Counts connections: an answer to an earlier one's question is of no interest. */
  #session = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: TrimaranClient, documentId: string, { awareness }: RoomOptions) {
    super();
    this.#socket = socket;
    this.documentId = documentId;
    socket.on("connect", this.#join);
    socket.on("disconnect", this.#onDisconnect);
    socket.on("connect_error", this.#onDisconnect);
    socket.on("access-changed", this.#onAccess);
    const maySend = () => this.synced && this.#state.access === "write";
    if (awareness) this.#presence = bindPresence({ socket, documentId, awareness, maySend });
    if (socket.connected) this.#join();
  }

  get state(): RoomState {
    return this.#state;
  }

  get synced(): boolean {
    return this.#state.status === "synced";
  }

  /** Leaves the room; the socket and the awareness stay the caller's. */
  override destroy(): void {
    this.#presence?.destroy();
    this.#session += 1;
    clearTimeout(this.#retryTimer);
    this.#socket.off("connect", this.#join);
    this.#socket.off("disconnect", this.#onDisconnect);
    this.#socket.off("connect_error", this.#onDisconnect);
    this.#socket.off("access-changed", this.#onAccess);
    if (this.#socket.connected)
      this.#socket.emit("leave-document", { documentId: this.documentId }, () => {});
    super.destroy();
  }

  #update(change: Partial<RoomState>): void {
    const next = { ...this.#state, ...change };
    if (next.status === this.#state.status && next.access === this.#state.access) return;
    this.#state = next;
    this.emit("state", []);
  }

  #join = (): void => {
    const session = (this.#session += 1);
    clearTimeout(this.#retryTimer);
    this.#update({ status: "connecting" });
    this.#socket
      .timeout(ackTimeoutMs)
      .emit(
        "join-document",
        { documentId: this.documentId },
        (late: Error | null, reply: ErrorReply | { ok: true; access: RoomAccess }) => {
          if (session !== this.#session) return;
          if (!late && reply.ok) {
            this.#update({ status: "synced", access: reply.access });
            this.#presence?.renew();
            return;
          }
          const error = late || reply.ok ? undefined : reply.error;
          if (error?.code === "forbidden") this.#update({ access: "none" });
          if (error && !temporary.has(error.code)) return this.emit("refused", [error.message]);
          this.#retryTimer = setTimeout(this.#join, error?.retryAfterMs ?? retryMs);
        },
      );
  };

  /** What the server takes away while the client is a member; with `none` it is none any more. */
  #onAccess = ({ documentId, access }: { documentId: string; access: RoomAccess }): void => {
    if (documentId !== this.documentId) return;
    this.#update(access === "none" ? { status: "connecting", access } : { access });
  };

  #onDisconnect = (): void => {
    this.#session += 1;
    clearTimeout(this.#retryTimer);
    this.#presence?.forgetOthers();
    this.#update({ status: "offline" });
  };
}
