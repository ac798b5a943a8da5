import { ObservableV2 } from "lib0/observable";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import type { AppClientEvents, TrimaranClient } from "../../../client/connect.ts";
import { bindPresence } from "../../../client/presence.ts";
import type { RoomAccess, RoomState, RoomStatus } from "../../../client/room.ts";
import type { ErrorReply } from "../../../platform/util/errors.ts";
import { serverLacks } from "./server-lacks.ts";

/** `synced`: connected, and has what the server has. `offline`: no connection, edits are kept. */
export type ProviderStatus = RoomStatus;

export interface ProviderState extends RoomState {
  /** Whether edits made here are not acknowledged yet. */
  unsavedChanges: boolean;
}

/** With `read` edits made here stay here. */
export type DocumentAccess = RoomAccess;

export interface ProviderOptions {
  /** Presence of the people in the document; made if left out. */
  awareness?: Awareness;
  /**
   * Whether what changed the document with this origin is a copy of it that was loaded, as by y-indexeddb, and no
   * edit: on connect the server is sent what it lacks of it, and not all of it.
   */
  isCopy?: (origin: unknown) => boolean;
}

/** What an event is acknowledged with. */
type Reply<E extends "join-document" | "send-changes"> = Parameters<Parameters<AppClientEvents[E]>[1]>[0];

interface ProviderEvents {
  /** Status or unsaved changes are other than before. */
  state: (state: ProviderState) => void;
  /** The server has these edits in the store it names; `local` until Redis is back and all replicas have them. */
  saved: (update: Uint8Array, stored: "shared" | "local") => void;
  /** The server refused something for good, as `too_large`; what it refused stays unsaved. */
  refused: (error: ErrorReply["error"]) => void;
}

const ackTimeoutMs = 10_000;
const retryMs = 1000;

/** Applied to the document by the server's word: not to be sent back. */
const fromServer = Symbol("from server");

/**
 * Binds a `Y.Doc` and its awareness to a document on the server.
 *
 * On every connect state vectors are exchanged, so that both sides get what they lack, whatever
 * happened meanwhile. Edits are sent one batch at a time and kept until acknowledged; what was not is
 * sent again, which does no harm.
 */
export class DocumentProvider extends ObservableV2<ProviderEvents> {
  readonly doc: Y.Doc;
  readonly documentId: string;
  readonly awareness: Awareness;
  #socket: TrimaranClient;
  #isCopy: (origin: unknown) => boolean;
  #presence: ReturnType<typeof bindPresence>;
  #state: ProviderState = { status: "connecting", unsavedChanges: false, access: "write" };
  /** Edits not sent yet, or not known to have arrived. */
  #pending: Uint8Array[] = [];
  #inFlight: Uint8Array | undefined;
  /** Counts connections: an answer to an earlier one's question is of no interest. */
  #session = 0;
  #joined = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #repairTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: TrimaranClient, documentId: string, doc: Y.Doc, options: ProviderOptions = {}) {
    super();
    this.#socket = socket;
    this.#isCopy = options.isCopy ?? (() => false);
    this.documentId = documentId;
    this.doc = doc;
    this.awareness = options.awareness ?? new Awareness(doc);
    doc.on("update", this.#onEdit);
    socket.on("connect", this.#join);
    socket.on("disconnect", this.#onDisconnect);
    socket.on("connect_error", this.#onDisconnect);
    socket.on("resync", this.#onResync);
    socket.on("access-changed", this.#onAccess);
    socket.on("receive-changes", this.#onChanges);
    this.#presence = bindPresence({
      socket,
      documentId,
      awareness: this.awareness,
      maySend: () => this.#mayWrite(),
    });
    if (socket.connected) this.#join();
  }

  get state(): ProviderState {
    return this.#state;
  }

  get synced(): boolean {
    return this.#state.status === "synced";
  }

  /** Resolves when in sync and everything is acknowledged. */
  async whenSaved(): Promise<void> {
    if (this.synced && !this.#state.unsavedChanges) return;
    await new Promise<void>((resolve) => {
      const check = ({ status, unsavedChanges }: ProviderState) => {
        if (status !== "synced" || unsavedChanges) return;
        this.off("state", check);
        resolve();
      };
      this.on("state", check);
    });
  }

  /** Leaves the document. The socket, the `Y.Doc` and the awareness stay the caller's. */
  override destroy(): void {
    this.#presence.destroy();
    this.#session += 1;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#repairTimer);
    this.doc.off("update", this.#onEdit);
    this.#socket.off("connect", this.#join);
    this.#socket.off("disconnect", this.#onDisconnect);
    this.#socket.off("connect_error", this.#onDisconnect);
    this.#socket.off("resync", this.#onResync);
    this.#socket.off("access-changed", this.#onAccess);
    this.#socket.off("receive-changes", this.#onChanges);
    if (this.#joined) this.#socket.emit("leave-document", { documentId: this.documentId }, () => {});
    super.destroy();
  }

  #update(change: Partial<ProviderState> = {}): void {
    const unsavedChanges = this.#pending.length > 0 || this.#inFlight !== undefined;
    const next = { ...this.#state, ...change, unsavedChanges };
    const { status, access } = this.#state;
    const isSame = next.status === status && next.access === access;
    if (isSame && unsavedChanges === this.#state.unsavedChanges) return;
    this.#state = next;
    this.emit("state", [next]);
  }

  #join = (): void => {
    const session = (this.#session += 1);
    this.#joined = false;
    this.#requeue();
    this.#update({ status: "connecting" });
    const hadContent = this.doc.store.clients.size > 0;
    const request = { documentId: this.documentId, stateVector: Y.encodeStateVector(this.doc) };
    this.#ask<"join-document">("join-document", request, session, (reply) => {
      const update = new Uint8Array(reply.update);
      const stateVector = new Uint8Array(reply.stateVector);
      Y.applyUpdate(this.doc, update, fromServer);
      this.#joined = true;
      // The difference holds what the server lacks. What was not acknowledged is sent again even if the
      // server has it: the replica may have died after storing it and before telling anyone.
      if (this.#pending.length > 0 || (hadContent && serverLacks(this.doc, update, stateVector))) {
        this.#pending = [Y.mergeUpdates([...this.#pending, Y.encodeStateAsUpdate(this.doc, stateVector)])];
      }
      this.#update({ status: "synced", access: reply.access });
      this.#send();
      this.#presence.renew();
    });
  };

  #onDisconnect = (): void => {
    this.#session += 1;
    this.#joined = false;
    clearTimeout(this.#retryTimer);
    this.#requeue();
    this.#presence.forgetOthers();
    this.#update({ status: "offline" });
  };

  #onAccess = ({ documentId, access }: { documentId: string; access: DocumentAccess }): void => {
    if (documentId !== this.documentId) return;
    if (access === "none") this.#joined = false;
    this.#update({ access });
  };

  // A little later, each at a time of its own: all clients of a replica are told at once.
  #onResync = (): void => this.#again(retryMs * Math.random());

  #onChanges = ({ documentId, update }: { documentId: string; update: Uint8Array }): void => {
    if (documentId !== this.documentId) return;
    Y.applyUpdate(this.doc, new Uint8Array(update), fromServer);
    if (this.#lacksSomething()) this.#repairTimer ??= setTimeout(this.#repair, retryMs);
  };

  /** Yjs keeps what builds on something that never came, out of sight. */
  #lacksSomething(): boolean {
    return this.doc.store.pendingStructs !== null || this.doc.store.pendingDs !== null;
  }

  /** What is still missing after a while was lost on its way; the server has it, and a join brings it. */
  #repair = (): void => {
    this.#repairTimer = undefined;
    if (this.#joined && this.#lacksSomething()) this.#join();
  };

  #onEdit = (update: Uint8Array, origin: unknown): void => {
    if (origin === fromServer || this.#isCopy(origin)) return;
    this.#pending.push(update);
    this.#update();
    this.#send();
  };

  /** One batch at a time: what is typed while one is under way becomes the next. */
  #send(): void {
    if (!this.#mayWrite() || this.#inFlight || this.#pending.length === 0) return;
    const update = Y.mergeUpdates(this.#pending);
    this.#pending = [];
    this.#inFlight = update;
    const request = { documentId: this.documentId, update };
    this.#ask<"send-changes">("send-changes", request, this.#session, ({ stored }) => {
      this.#inFlight = undefined;
      this.#update();
      this.emit("saved", [update, stored]);
      this.#send();
    });
  }

  #mayWrite(): boolean {
    return this.#joined && this.#state.access === "write";
  }

  /** What is under way may or may not have arrived: it goes first in the next batch. */
  #requeue(): void {
    if (this.#inFlight) this.#pending.unshift(this.#inFlight);
    this.#inFlight = undefined;
  }

  #ask<E extends "join-document" | "send-changes">(
    event: E,
    payload: object,
    session: number,
    onOk: (reply: Extract<Reply<E>, { ok: true }>) => void,
  ): void {
    // One signature for both events, which the typed `emit` can't express; payloads are built beside the call.
    const socket = this.#socket.timeout(ackTimeoutMs) as unknown as {
      emit(event: E, payload: object, acknowledge: (timeout: Error | null, reply: Reply<E>) => void): void;
    };
    socket.emit(event, payload, (timeout, reply) => {
      if (session !== this.#session) return;
      if (timeout) return this.#again(retryMs);
      if (reply.ok) return onOk(reply as Extract<Reply<E>, { ok: true }>);
      this.#onRefusal(reply.error);
    });
  }

  #onRefusal(error: ErrorReply["error"]): void {
    switch (error.code) {
      case "rate_limited":
        return this.#again(error.retryAfterMs ?? retryMs);
      case "overloaded":
      case "unavailable":
      case "not_joined":
        return this.#again(retryMs);
      case "forbidden":
        this.#update({ access: this.#joined ? "read" : "none" });
        this.emit("refused", [error]);
        return;
      default:
        // Sending it again would be refused again. It stays in the document and counts as unsaved.
        this.emit("refused", [error]);
    }
  }

  /** Starts over with a join, which is what brings both sides to a known state. */
  #again(delayMs: number): void {
    clearTimeout(this.#retryTimer);
    const jitter = delayMs * 0.2 * Math.random();
    this.#retryTimer = setTimeout(() => {
      if (this.#socket.connected) this.#join();
    }, delayMs + jitter);
  }
}
