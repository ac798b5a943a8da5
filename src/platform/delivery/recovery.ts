import type { Namespace } from "socket.io";
import type { BroadcastOptions, Session } from "socket.io-adapter";
import type { Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { type RecentEvent, type RecentEvents, isFor } from "./recent-events.ts";
import type { SessionStore } from "./sessions.ts";

/** The offset of a client that was sent something out of order: it can't be recovered from there. */
export const unsettledOffset = "~";

const eventPacket = 2;
const saveAtOnce = 100;
const isOffset = /^\d+-\d+(-\d+)?$/;

export interface RecoveryOptions {
  namespace: Namespace;
  /** The adapter's own: adds a socket to rooms, and is over at once. */
  addToRooms: (id: string, rooms: Set<string>) => void;
  roomsOf: (id: string) => Set<string> | undefined;
  history: History;
  sessions: SessionStore;
  /** Living sessions are saved again so often, so that they don't expire. */
  refreshEveryMs: number;
  /** Told how each attempt to recover a client ended. */
  onOutcome?: (outcome: RecoveryOutcome) => void;
  log: Logger;
}

/** What clients may have missed. */
export interface History {
  recent: RecentEvents;
  /** Makes `recent` reach back to `offset`; false when that is not possible any more. */
  cover: (offset: string) => Promise<boolean>;
  /** Whether that is still so: nothing after `offset` is missing here, and nothing up to it comes again. */
  isCovered: (offset: string) => boolean;
  /** Events that members here got and that have no offset yet, in order. */
  early?: () => Omit<RecentEvent, "offset">[];
}

/**
 * `recovered`; `unsettled`: the client had no true offset; `unknown`: no session, as after the window;
 * `missed`: what it missed is not all here any more; `dropped`: that only showed when it was back.
 */
export type RecoveryOutcome = "recovered" | "unsettled" | "unknown" | "missed" | "dropped";

/** What is used of a socket, some of which Socket.IO's types keep private. */
interface RecoverableSocket {
  id: string;
  pid?: string;
  data: object;
  rooms: Set<string>;
  packet(packet: Packet): void;
  conn: { close(): void };
  on(event: "disconnect", listener: (this: RecoverableSocket, reason: string) => void): unknown;
}

type Stale = { disconnect(close: boolean): unknown };

export type Recovery = ReturnType<typeof createRecovery>;

/**
 * Exact connection state recovery, for an adapter to call.
 *
 * Sessions are saved while they live, so that recovery does not depend on the replica that died having
 * said goodbye. What a client missed is sent in the same turn in which it starts to get live events:
 * nothing falls between, nothing comes twice.
 */
export function createRecovery(options: RecoveryOptions) {
  const { namespace, addToRooms, roomsOf, sessions, refreshEveryMs, onOutcome = () => {}, log } = options;
  const { recent, cover, isCovered, early = () => [] } = options.history;
  // From `restoreSession` to the connection: by the data object, which is all that both see.
  const replays = new WeakMap<object, { offset: string; rooms: string[] }>();
  /** The latest attempt to restore each session: an earlier one, whose connection is gone, must not disturb it. */
  const attempts = new Map<string, object>();

  /** Sockets whose newest state is not saved. */
  const unsaved = new Set<string>();

  /** The save of each socket that is under way, and the one after it. */
  const saves = new Map<string, { current: Promise<boolean>; next?: Promise<boolean> }>();

  /**
   * Saves a socket as it is now. Rooms that it joins during a save are saved together after that: a save has all rooms,
   * so one for each of thousands would take seconds and gigabytes.
   */
  function save(id: string): Promise<boolean> {
    const underWay = saves.get(id);
    if (!underWay) return startSaving(id);
    const again = () => startSaving(id);
    return (underWay.next ??= underWay.current.then(again, again));
  }

  function startSaving(id: string): Promise<boolean> {
    const own: { current: Promise<boolean>; next?: Promise<boolean> } = { current: saveNow(id) };
    saves.set(id, own);
    // Also when it fails: with an entry left here the socket's next join would wait for ever.
    const forget = () => {
      if (!own.next) saves.delete(id);
    };
    own.current.then(forget, forget);
    return own.current;
  }

  function saveNow(id: string): Promise<boolean> {
    unsaved.delete(id);
    const socket = namespace.sockets.get(id) as unknown as RecoverableSocket | undefined;
    if (!socket?.pid) return Promise.resolve(true);
    const rooms = [...(roomsOf(id) ?? [])];
    return sessions.save(socket.pid, { sid: id, rooms, data: socket.data }).then((saved) => {
      // Not known elsewhere with these rooms: better not recovered than recovered in part.
      if (!saved) {
        if (namespace.sockets.has(id)) unsaved.add(id);
        namespace.local.to(id).emit("offset", unsettledOffset);
      }
      return saved;
    });
  }

  function refuse(outcome: RecoveryOutcome): null {
    onOutcome(outcome);
    return null;
  }

  async function find(pid: string, offset: string): Promise<Session | null> {
    if (!isOffset.test(offset)) return refuse("unsettled");
    const session = await sessions.load(pid);
    if (!session) return refuse("unknown");
    if (!(await cover(offset)) || !isCovered(offset)) return refuse("missed");
    const data = { ...(session.data as object) };
    replays.set(data, { offset, rooms: session.rooms });
    return { sid: session.sid, pid, rooms: session.rooms, data, missedPackets: [] } as unknown as Session;
  }

  async function restore(pid: string, offset: string): Promise<Session | null> {
    const attempt = {};
    attempts.set(pid, attempt);
    const session = await find(pid, offset);
    if (attempts.get(pid) !== attempt) return null;
    attempts.delete(pid);
    // The client knows that its connection is gone; this process may not have noticed yet.
    if (session) (namespace.sockets.get(session.sid) as Stale | undefined)?.disconnect(true);
    return session;
  }

  /** In portions: thousands at once would keep everyone else's commands waiting. */
  async function saveInPortions(all: Iterable<string>): Promise<void> {
    const ids = [...all];
    for (let from = 0; from < ids.length; from += saveAtOnce) {
      await Promise.all(ids.slice(from, from + saveAtOnce).map(save));
    }
  }

  const refresh = (ids: Iterable<string>) =>
    saveInPortions(ids).catch((error: unknown) => log.error({ err: error }, "sessions could not be saved"));
  const timer = setInterval(() => refresh(namespace.sockets.keys()), refreshEveryMs);
  timer.unref();

  namespace.on("connection", (connected) => {
    const socket = connected as unknown as RecoverableSocket;
    const replay = replays.get(socket.data);
    if (replay) {
      replays.delete(socket.data);
      // Events were dropped since it was found recoverable: it comes back by itself, and starts over.
      if (!isCovered(replay.offset)) {
        onOutcome("dropped");
        return socket.conn.close();
      }
      // Once more: another connection with its id, closed meanwhile, may have taken its rooms with it.
      addToRooms(socket.id, new Set(replay.rooms));
      try {
        sendMissed(socket, replay.offset);
      } catch (error) {
        // The app's own objects, where no Redis is: changed after they were sent, they may not be encoded any more.
        log.error({ err: error, socket: socket.id }, "what a client missed can't be encoded; it starts over");
        onOutcome("dropped");
        return socket.conn.close();
      }
      onOutcome("recovered");
    }
    void save(socket.id);
    socket.on("disconnect", onDisconnect);
  });

  function sendMissed(socket: RecoverableSocket, offset: string): void {
    for (const event of recent.since(offset, socket.rooms)) {
      socket.packet({ type: eventPacket, data: [...event.args, event.offset] });
    }
    // Members had these before their turn; they are skipped here when that comes.
    for (const event of early()) {
      if (isFor(socket.rooms, event))
        socket.packet({ type: eventPacket, data: [...event.args, unsettledOffset] });
    }
  }

  function onDisconnect(this: RecoverableSocket, reason: string): void {
    unsaved.delete(this.id);
    if (/^(client|server) namespace disconnect$/.test(reason) && this.pid) sessions.remove(this.pid);
  }

  return {
    /** Saves a socket that joined or left rooms: resolves when that would survive this process. */
    save: (id: string): Promise<void> => save(id).then(() => undefined),
    /** The session of a client that comes back; null when it can't be recovered, and starts over. */
    restore,
    /** All sessions of this process, as when the store may have lost them. */
    saveAll: () => refresh(namespace.sockets.keys()),
    /** Those that could not be saved. */
    saveMissing: () => refresh(unsaved),
    /** Takes the offset away again from those who can't be recovered: after everyone here got one. */
    markUnsaved(): void {
      for (const id of unsaved) namespace.local.to(id).emit("offset", unsettledOffset);
    },
    close: () => clearInterval(timer),
  };
}

/** Whether a client that was away should get this packet later: an event, not volatile, without acknowledgement. */
export function isRecoverable(packet: Packet, options: BroadcastOptions): boolean {
  return packet.type === eventPacket && packet.id === undefined && !options.flags?.volatile;
}
