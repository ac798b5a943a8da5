import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { sharedMs } from "../clock.ts";
import { serveCommands } from "../../support/commands.ts";
import type { Burst, Sparse } from "./drive.ts";
import { binaryPacket, textPacket } from "./payloads.ts";

/* The floor on Node and Deno: the WebSocket library that Socket.IO uses, in a plain loop. */

const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
await once(server, "listening");
server.on("connection", (ws, request) => {
  const room = new URL(request.url ?? "", "http://localhost").searchParams.get("room") ?? "";
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(ws));
  ws.send("40");
});

function send(room: string, { kind, bytes, to }: Pick<Burst, "kind" | "bytes" | "to">): void {
  const parts = kind === "text" ? [textPacket("x".repeat(bytes))] : [binaryPacket, Buffer.alloc(bytes, "x")];
  let skip = to === "room" ? 0 : to === "except" ? 3 : 1;
  for (const ws of rooms.get(room) ?? []) {
    if (skip > 0) skip -= 1;
    else for (const part of parts) ws.send(part);
  }
}

serveCommands({
  port: () => (server.address() as AddressInfo).port,
  connections: () => server.clients.size,
  burst({ rooms, messagesPerRoom, ...message }: Burst) {
    const startedAt = sharedMs();
    for (let count = 0; count < messagesPerRoom; count += 1)
      for (let room = 0; room < rooms; room += 1) send(`room-${room}`, message);
    return startedAt;
  },
  async sparse({ messages, rooms, bytes, everyMs }: Sparse) {
    for (let message = 0; message < messages; message += 1) {
      send(`room-${message % rooms}`, { kind: "text", bytes, to: "room" });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  },
});
