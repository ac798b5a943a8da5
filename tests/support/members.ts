import type { Awareness } from "y-protocols/awareness";
import { waitFor } from "../../deploy/local/process.ts";
import {
  type ConnectOptions,
  type Mode,
  type TrimaranClient,
  createAwareness,
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
  /** The latest `mode` event. */
  seen: { mode?: Mode; nodeId?: string; runtime?: string };
  /** Says something, and resolves with the acknowledgement. */
  say: (text: string, id?: string) => Promise<{ ok: boolean }>;
  /** Says something again, under one id, until it is acknowledged: for a connection that may break meanwhile. */
  insist: (text: string) => Promise<void>;
  close: () => void;
}

/** A member whose presence the others see. */
export type VisibleMember = Member & { awareness: Awareness };

/** Members that leave after each test. */
export function useMembers() {
  const { socketTo, onClose } = useSockets();

  /** A member on a socket, which may not be connected yet. */
  function memberOn(socket: TalkClient, room: string, awareness?: Awareness): Member {
    const heard: string[] = [];
    const seen: Member["seen"] = {};
    socket.on("mode", (mode) => Object.assign(seen, mode));
    socket.on("said", ({ documentId, text }) => {
      if (documentId === room) heard.push(text);
    });
    const membership = joinRoom(socket as never, room, awareness && { awareness });
    const close = () => {
      membership.destroy();
      socket.disconnect();
    };
    onClose(close);
    const say = (text: string, id: string = crypto.randomUUID()) =>
      socket.emitWithAck("say", { documentId: room, id, text });
    async function insist(text: string): Promise<void> {
      const id = crypto.randomUUID();
      const isTaken = () =>
        say(text, id).then(
          ({ ok }) => ok,
          () => false,
        );
      await waitFor(`${text} is acknowledged`, isTaken, 60_000);
    }
    return { socket, membership, heard, seen, say, insist, close };
  }

  async function join(url: string, room: string, options: ConnectOptions, awareness?: Awareness) {
    const opened = memberOn(socketTo<typeof talk>(url, options), room, awareness);
    await waitFor(`a member of ${room}`, () => opened.membership.synced);
    return opened;
  }

  async function member(url: string, room: string, options: ConnectOptions = {}): Promise<Member> {
    return join(url, room, options);
  }

  async function visible(url: string, room: string, options: ConnectOptions = {}): Promise<VisibleMember> {
    const awareness = createAwareness();
    onClose(() => awareness.destroy());
    return { ...(await join(url, room, options, awareness)), awareness };
  }

  return { socketTo, memberOn, member, visible };
}
