import type { Server } from "socket.io";
import { sharedMs } from "../clock.ts";
import type { Commands } from "../../support/commands.ts";
import { binaryEvent, binaryPayload, textEvent, textPayload } from "./payloads.ts";
import { streamCommands } from "./stream-commands.ts";

// Stock servers and ours differ in their event types.
// oxlint-disable-next-line typescript/no-explicit-any
type AnyServer = Server<any, any, any, any>;

export interface Burst {
  rooms: number;
  messagesPerRoom: number;
  bytes: number;
  kind: "text" | "binary";
  /** Who gets it: all of the room, all but its first member, or all but three of them. */
  to: "room" | "sender-excluded" | "except";
}

export interface Sparse {
  messages: number;
  rooms: number;
  bytes: number;
  everyMs: number;
}

export interface Steady {
  perSecond: number;
  forMs: number;
  rooms: number;
  bytes: number;
}

const steadyTickMs = 5;

const filler = (bytes: number) => "x".repeat(bytes);

/** Puts every connection in the room of its address, and gives the commands that send to rooms. */
export function driveServer(io: AnyServer): Commands {
  io.on("connection", (socket) => {
    const { room } = socket.handshake.query;
    if (typeof room === "string") void socket.join(room);
  });

  /** The first member of each room; asked for once, as its own event would bring it along. */
  const senders = new Map<string, string[]>();
  function membersOf(room: string): string[] {
    let members = senders.get(room);
    if (!members) {
      const all = io.of("/").adapter.rooms.get(room) ?? new Set<string>();
      senders.set(room, (members = [...all].slice(0, 3)));
    }
    return members;
  }

  function target(room: string, to: Burst["to"]) {
    if (to === "room") return io.to(room);
    const [sender = "", ...others] = membersOf(room);
    return to === "sender-excluded"
      ? // Stands for `socket.to(room)`: what that does, without the need for an event from the client.
        (io.sockets.sockets.get(sender)?.to(room) ?? io.to(room))
      : io.to(room).except([sender, ...others]);
  }

  return {
    /** Everything in one turn. @returns when it began, in milliseconds of the machine's clock. */
    burst({ rooms, messagesPerRoom, bytes, kind, to }: Burst) {
      const startedAt = sharedMs();
      const event = kind === "text" ? textEvent : binaryEvent;
      const payload =
        kind === "text" ? textPayload(filler(bytes)) : binaryPayload(Buffer.from(filler(bytes)));
      for (let message = 0; message < messagesPerRoom; message += 1) {
        for (let room = 0; room < rooms; room += 1) target(`room-${room}`, to).emit(event, payload);
      }
      return startedAt;
    },
    /** One message at a time, to one room after the other. */
    async sparse({ messages, rooms, bytes, everyMs }: Sparse) {
      for (let message = 0; message < messages; message += 1) {
        io.to(`room-${message % rooms}`).emit(textEvent, textPayload(filler(bytes)));
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    },
    /** So many a second for a while, to one room after the other. */
    async steady({ perSecond, forMs, rooms, bytes }: Steady) {
      const startedAt = performance.now();
      const messages = Math.round((perSecond * forMs) / 1000);
      for (let sent = 0; sent < messages;) {
        const due = Math.min(messages, Math.round(((performance.now() - startedAt) * perSecond) / 1000));
        for (; sent < due; sent += 1)
          io.to(`room-${sent % rooms}`).emit(textEvent, textPayload(filler(bytes)));
        await new Promise((resolve) => setTimeout(resolve, steadyTickMs));
      }
    },
    ...streamCommands((text) => io.to("room-0").emit(textEvent, textPayload(text))),
    connections: () => io.sockets.sockets.size,
  };
}
