import type { User } from "../auth/user.ts";
import { Refusal } from "../util/errors.ts";
import { type PresenceEntry, decodePresence, encodePresence } from "./presence-codec.ts";
import { asRoomId } from "../contract/room-id.ts";
import { socketRoom } from "./rooms.ts";
import type { PlatformServer, PlatformSocket } from "./socket.ts";

export type Presence = ReturnType<typeof createPresence>;

interface Known extends PresenceEntry {
  /** The socket here that sent it; undefined when another replica did. */
  socketId: string | undefined;
  /** The user it belongs to, whom nobody else can speak for; null when the server is open. */
  owner: string | null;
  seenAt: number;
}

/** Changes of so long are sent as one, the latest of each person. */
const coalesceMs = 30;
/** So long after a change its outcome is sent once more, since a single volatile packet may be dropped. */
const settleMs = 500;
/** y-protocols' awareness renews a state every 15 s and gives others up after 30 s. */
const outdatedMs = 30_000;
const maxClientsPerSocket = 8;

/**
 * Who is in a document and where: lossy state, the latest wins. Between replicas it travels by
 * Redis' pub/sub (`serverSideEmit`), not through the stream, so that cursors never push edits out.
 */
export function createPresence(io: PlatformServer, clustered: boolean) {
  const documents = new Map<string, Map<number, Known>>();
  const changed = new Map<string, Set<number>>();
  const settling = new Map<string, Set<number>>();
  let flushTimer: NodeJS.Timeout | undefined;
  let settleTimer: NodeJS.Timeout | undefined;

  io.on("presence", (documentId, update, owners) => {
    if (!(update instanceof Uint8Array) || !hasMembers(documentId)) return;
    // Another version may run on the other replica: what does not parse is dropped.
    let entries: PresenceEntry[];
    try {
      entries = decodePresence(new Uint8Array(update));
    } catch {
      return;
    }
    const news = entries.filter((entry, index) =>
      learn(documentId, entry, undefined, owners?.[index] ?? null),
    );
    if (news.length > 0)
      announce(
        documentId,
        news.map(({ clientId }) => clientId),
      );
  });

  io.on("presence-wanted", (documentId) => {
    const entries = current(documentId).filter((entry) => entry.socketId !== undefined);
    if (entries.length > 0) sendToReplicas(documentId, entries);
  });

  function hasMembers(documentId: string): boolean {
    return io.of("/").adapter.rooms.has(socketRoom(asRoomId(documentId)));
  }

  /** @returns whether it is news. */
  function learn(
    documentId: string,
    entry: PresenceEntry,
    socketId: string | undefined,
    owner: string | null,
  ): boolean {
    let known = documents.get(documentId);
    if (!known) documents.set(documentId, (known = new Map()));
    const before = known.get(entry.clientId);
    if (before && before.owner !== owner && before.state !== "null") return false;
    const isNewer =
      !before ||
      entry.clock > before.clock ||
      (entry.clock === before.clock && entry.state === "null" && before.state !== "null");
    if (isNewer) known.set(entry.clientId, { ...entry, socketId, owner, seenAt: Date.now() });
    return isNewer;
  }

  function forgetOutdated(documentId: string): void {
    const known = documents.get(documentId);
    const oldest = Date.now() - outdatedMs;
    for (const [clientId, { seenAt }] of known ?? []) if (seenAt < oldest) known?.delete(clientId);
  }

  function current(documentId: string): Known[] {
    forgetOutdated(documentId);
    return [...(documents.get(documentId)?.values() ?? [])].filter(({ state }) => state !== "null");
  }

  function send(documentId: string, entries: PresenceEntry[]): void {
    io.local.volatile
      .to(socketRoom(asRoomId(documentId)))
      .emit("receive-presence", { documentId, update: encodePresence(entries) });
  }

  /** To the members here, now and once more when it has settled. */
  function announce(documentId: string, clientIds: Iterable<number>): void {
    const clients = new Set(clientIds);
    send(documentId, pick(documentId, clients));
    settling.set(documentId, clients.union(settling.get(documentId) ?? new Set()));
    settleTimer ??= setTimeout(settle, settleMs);
  }

  function sendToReplicas(documentId: string, entries: Known[]): void {
    if (!clustered) return;
    const owners = entries.map(({ owner }) => owner);
    io.serverSideEmit("presence", documentId, encodePresence(entries), owners);
  }

  function mark(documentId: string, clientId: number): void {
    const clients = changed.get(documentId) ?? new Set();
    changed.set(documentId, clients.add(clientId));
    flushTimer ??= setTimeout(flush, coalesceMs);
  }

  function flush(): void {
    flushTimer = undefined;
    for (const [documentId, clients] of changed) {
      sendToReplicas(documentId, pick(documentId, clients));
      announce(documentId, clients);
    }
    changed.clear();
  }

  function settle(): void {
    settleTimer = undefined;
    for (const [documentId, clients] of settling) {
      send(documentId, pick(documentId, clients));
      forgetOutdated(documentId);
    }
    settling.clear();
  }

  function pick(documentId: string, clients: Iterable<number>): Known[] {
    return [...clients].flatMap((clientId) => documents.get(documentId)?.get(clientId) ?? []);
  }

  function ownedBy(socket: PlatformSocket, documentId: string): Known[] {
    return [...(documents.get(documentId)?.values() ?? [])].filter(({ socketId }) => socketId === socket.id);
  }

  return {
    /** @throws {Refusal} `invalid` or `too_large`; then nothing is sent to anyone. */
    update(socket: PlatformSocket, documentId: string, update: Uint8Array): void {
      const entries = decodePresence(update);
      if (ownedBy(socket, documentId).length + entries.length > maxClientsPerSocket * 2) {
        throw new Refusal(
          "too_large",
          `update: a connection speaks for ${maxClientsPerSocket} clients at most`,
        );
      }
      const { user } = socket.data;
      for (const entry of entries) {
        const known = user ? { ...entry, state: signed(entry.state, user) } : entry;
        if (learn(documentId, known, socket.id, user?.id ?? null)) mark(documentId, entry.clientId);
      }
    },

    /** Tells a new member who is there; asks the other replicas when it is the first here. */
    welcome(socket: PlatformSocket, documentId: string): void {
      if (!documents.has(documentId)) {
        documents.set(documentId, new Map());
        if (clustered) io.serverSideEmit("presence-wanted", documentId);
      }
      const entries = current(documentId);
      if (entries.length === 0) return;
      io.local.to(socket.id).emit("receive-presence", { documentId, update: encodePresence(entries) });
    },

    /** A socket left the document: those it spoke for are gone. */
    forget(socket: PlatformSocket, documentId: string): void {
      for (const { clientId, clock, owner } of ownedBy(socket, documentId)) {
        learn(documentId, { clientId, clock: clock + 1, state: "null" }, undefined, owner);
        mark(documentId, clientId);
      }
    },

    /** The last member here left; what is still to be sent goes to the other replicas first. */
    release(documentId: string): void {
      if (changed.has(documentId)) flush();
      documents.delete(documentId);
      settling.delete(documentId);
    },

    close(): void {
      clearTimeout(flushTimer);
      clearTimeout(settleTimer);
    },
  };
}

/** Who it is, is the token's to say: a state's `user` gets that id and, if the token has one, that name. */
function signed(state: string, { id, name }: User): string {
  const parsed: unknown = JSON.parse(state);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return state;
  const claimed = "user" in parsed && typeof parsed.user === "object" ? parsed.user : undefined;
  try {
    return JSON.stringify({ ...parsed, user: { ...claimed, id, ...(name !== undefined && { name }) } });
  } catch (cause) {
    throw new Refusal("invalid", "update: a state is nested too deep", { cause });
  }
}
