import { pathToFileURL } from "node:url";
import { root } from "../../deploy/local/replica.ts";
import { waitFor } from "../../deploy/local/process.ts";
import type * as present from "../../src/client/index.ts";
import type { oldChat } from "./old-chat.ts";

/** A client package: the present one, or one that an earlier version built. */
export type ClientPackage = Pick<typeof present, "connect" | "refusalOf">;
export type Socket = present.TrimaranClient<typeof oldChat>;

/** What the replicas of this version start. */
export const entry = `${root}tests/upgrade/main.ts`;

/** Ends a wait that would hang; a busy machine may need a good part of it. */
export const patienceMs = 60_000;

/** The client package in a folder, as an app would import it: its own imports are the project's. */
export async function loadClient<C extends ClientPackage>(folder: string): Promise<C> {
  return (await import(pathToFileURL(`${folder}/index.js`).href)) as C;
}

/** What Socket.IO's client keeps of its session, by which a server knows it again. */
export interface Session {
  pid: string;
  offset: string;
}

/** Socket.IO's types keep these private. */
type WithSession = { _pid?: string | undefined; _lastOffset?: string | undefined };
const sessionOf = (socket: Socket) => socket as unknown as WithSession;

/** One client in one room. */
export interface Member {
  socket: Socket;
  access: () => present.RoomAccess;
  /** The texts of all messages that came, in order. */
  messages: string[];
  session: () => Session | undefined;
  say: (text: string, id?: string) => Promise<void>;
  close: () => void;
}

export interface MemberOptions extends present.ConnectOptions {
  /** A session that another process of this client had. */
  session?: Session;
}

/** Connects, without waiting for it. */
export function openSocket(
  client: ClientPackage,
  url: string,
  { session, ...options }: MemberOptions = {},
): Socket {
  const all = { forceNew: true, autoConnect: false, ...options };
  const socket = client.connect(url, all) as unknown as Socket;
  Object.assign(sessionOf(socket), { _pid: session?.pid, _lastOffset: session?.offset });
  return socket.connect();
}

/** What a client hears and says in a room, whichever way it is a member. */
export function talkIn(socket: Socket, room: string) {
  const messages: string[] = [];
  const prefix = Math.random().toString(36).slice(2);
  let said = 0;
  socket.on("receive-message", ({ documentId, text }) => {
    if (documentId === room) messages.push(text);
  });
  return {
    messages,
    session(): Session | undefined {
      const { _pid: pid, _lastOffset: offset } = sessionOf(socket);
      return pid !== undefined && offset !== undefined && /^\d+-\d+/.test(offset)
        ? { pid, offset }
        : undefined;
    },
    async say(text: string, id = `${prefix}-${(said += 1)}`): Promise<void> {
      const reply = await socket.emitWithAck("send-message", { documentId: room, id, text });
      if (!reply.ok) throw new Error(`the message "${text}" was refused: ${reply.error.message}`);
    },
  };
}

/** Connects and joins the room on every connection, as clients of all versions do; resolves when it is a member. */
export async function openMember(
  client: ClientPackage,
  url: string,
  room: string,
  options: MemberOptions = {},
): Promise<Member> {
  const socket = openSocket(client, url, options);
  let access: present.RoomAccess | undefined;
  socket.on("connect", async () => {
    const reply = await socket.emitWithAck("join-document", { documentId: room });
    access = reply.ok ? reply.access : "none";
  });
  socket.on("access-changed", ({ documentId, access: left }) => {
    if (documentId === room) access = left;
  });
  const member: Member = {
    socket,
    access: () => access ?? "none",
    ...talkIn(socket, room),
    close: () => void socket.disconnect(),
  };
  await waitFor(`a member of ${room}`, () => access !== undefined, patienceMs).catch((error: unknown) => {
    member.close();
    throw error;
  });
  return member;
}
