import { waitFor } from "../../deploy/local/process.ts";
import {
  type ConnectOptions,
  type RoomOptions,
  type TrimaranClient,
  joinRoom,
} from "../../src/client/index.ts";
import { useSockets } from "./sockets.ts";
import type { talk } from "./talk/contract.ts";

/** A client of a server that has the feature `talk`. */
export type TalkClient = TrimaranClient<typeof talk>;

/** One client that is a member of a room, on a server that has the feature `talk`. */
export interface Member {
  socket: TalkClient;
  membership: ReturnType<typeof joinRoom>;
  /** What was said to this member, in order. */
  heard: string[];
  /** Says something, and resolves with the acknowledgement. */
  say: (text: string, id?: string) => Promise<{ ok: boolean }>;
  close: () => void;
}

/** Members that leave after each test. */
export function useMembers() {
  const { socketTo, onClose } = useSockets();

  /** A member on a socket, which may not be connected yet. An awareness is destroyed with it. */
  function memberOn(socket: TalkClient, room: string, options: RoomOptions = {}): Member {
    const heard: string[] = [];
    socket.on("said", ({ documentId, text }) => {
      if (documentId === room) heard.push(text);
    });
    const membership = joinRoom(socket as never, room, options);
    const close = () => {
      membership.destroy();
      options.awareness?.destroy();
      socket.disconnect();
    };
    onClose(close);
    const say = (text: string, id: string = crypto.randomUUID()) =>
      socket.emitWithAck("say", { documentId: room, id, text });
    return { socket, membership, heard, say, close };
  }

  async function member(
    url: string,
    room: string,
    { awareness, ...options }: ConnectOptions & RoomOptions = {},
  ): Promise<Member> {
    const opened = memberOn(socketTo<typeof talk>(url, options), room, { ...(awareness && { awareness }) });
    await waitFor(`a member of ${room}`, () => opened.membership.synced);
    return opened;
  }

  return { socketTo, memberOn, member };
}
