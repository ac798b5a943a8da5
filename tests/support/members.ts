import { waitFor } from "../../deploy/local/process.ts";
import {
  type ConnectOptions,
  type RoomMember,
  type TrimaranClient,
  joinRoom,
} from "../../src/client/index.ts";
import { useSockets } from "./sockets.ts";
import type { talk } from "./talk/contract.ts";

/** One client that is a member of a room, on a server that has the feature `talk`. */
export interface Member {
  socket: TrimaranClient<typeof talk>;
  membership: RoomMember;
  /** What was said to this member, in order. */
  heard: string[];
  /** Says something, and resolves with the acknowledgement. */
  say: (text: string, id?: string) => Promise<{ ok: boolean }>;
  close: () => void;
}

/** Members that leave after each test. */
export function useMembers() {
  const { socketTo, onClose } = useSockets();

  async function member(url: string, room: string, options: ConnectOptions = {}): Promise<Member> {
    const socket = socketTo<typeof talk>(url, options);
    const heard: string[] = [];
    socket.on("said", ({ documentId, text }) => {
      if (documentId === room) heard.push(text);
    });
    const membership = joinRoom(socket as never, room);
    const close = () => {
      membership.destroy();
      socket.disconnect();
    };
    onClose(close);
    await waitFor(`a member of ${room}`, () => membership.synced);
    const say = (text: string, id: string = crypto.randomUUID()) =>
      socket.emitWithAck("say", { documentId: room, id, text });
    return { socket, membership, heard, say, close };
  }

  return { socketTo, member };
}
