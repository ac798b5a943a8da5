import { sharedMs } from "../clock.ts";
import { serveCommands } from "../../support/commands.ts";
import type { Burst, Sparse } from "./drive.ts";
import { binaryPacket, textPacket } from "./payloads.ts";

/* The floor on Bun: its own WebSockets and topics, and of Socket.IO no more than the bytes. */

const server = Bun.serve<{ room: string }>({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, current) {
    const room = new URL(request.url).searchParams.get("room") ?? "";
    return current.upgrade(request, { data: { room } }) ? undefined : new Response("a WebSocket, please");
  },
  websocket: {
    open(ws) {
      ws.subscribe(ws.data.room);
      first.set(ws.data.room, first.get(ws.data.room) ?? ws);
      ws.send("40");
    },
    message() {},
  },
});
const first = new Map<string, Bun.ServerWebSocket<{ room: string }>>();

function send(room: string, { kind, bytes, to }: Pick<Burst, "kind" | "bytes" | "to">): void {
  const from = to === "room" ? undefined : first.get(room);
  const publish = (data: string | Buffer) => (from ? from.publish(room, data) : server.publish(room, data));
  if (kind === "text") {
    publish(textPacket("x".repeat(bytes)));
    return;
  }
  publish(binaryPacket);
  publish(Buffer.alloc(bytes, "x"));
}

serveCommands({
  port: () => server.port,
  connections: () => server.pendingWebSockets,
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
