import { tmpdir } from "node:os";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Server } from "socket.io";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { serveCommands } from "./commands.ts";

/* The real server, whose rooms are told from outside what to send. */

/** One thing that happens on the server. Clients go by the name in their handshake. */
export type Operation =
  | { do: "join" | "leave"; client: string; room: string }
  /** To rooms (to everyone if there are none), but not to these rooms and clients. */
  | {
      do: "emit";
      rooms: string[];
      exceptRooms: string[];
      exceptClients: string[];
      value: unknown;
      bytes: number;
      volatile: boolean;
    }
  /** Past all rooms, as an acknowledgement goes. */
  | { do: "direct"; client: string; value: unknown }
  | { do: "acknowledged"; room: string; value: unknown }
  | { do: "listen" | "unlisten"; client: string };

const dir = mkdtempSync(join(tmpdir(), "trimaran-rooms-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit(0));
const config = readConfig({
  HOST: "127.0.0.1",
  PORT: "0",
  DATA_FILE: join(dir, "data.sqlite"),
  ...process.env,
});
const app = createApp(config, {
  log: pino({ level: "warn" }, pino.destination(2)),
  runtime: await selectRuntime(config),
});
const port = await app.listen();
const io = app.io as unknown as Server;

const named = (name: string) => {
  const socket = [...io.sockets.sockets.values()].find(({ handshake }) => handshake.auth["name"] === name);
  if (!socket) throw new Error(`no client ${name}`);
  return socket;
};
const outgoing: unknown[] = [];

function run(operation: Operation): unknown {
  switch (operation.do) {
    case "join":
      return named(operation.client).join(operation.room);
    case "leave":
      return named(operation.client).leave(operation.room);
    case "emit": {
      const except = [...operation.exceptRooms, ...operation.exceptClients.map((name) => named(name).id)];
      const target = operation.volatile ? io.volatile : io;
      const payload = operation.bytes > 0 ? Buffer.alloc(operation.bytes, 7) : "text €";
      return void target.to(operation.rooms).except(except).emit("event", operation.value, payload);
    }
    case "direct":
      return (named(operation.client) as unknown as { packet(packet: object): void }).packet({
        type: 2,
        data: ["direct", operation.value],
      });
    case "acknowledged":
      return void io
        .to(operation.room)
        .timeout(5000)
        .emit("asked", operation.value, () => undefined);
    case "listen":
      return named(operation.client).onAnyOutgoing((...args: unknown[]) =>
        outgoing.push([operation.client, args[1]]),
      );
    case "unlisten":
      return named(operation.client).offAnyOutgoing();
  }
}

serveCommands({
  port: () => port,
  /** All in one turn. */
  run(operations: Operation[]) {
    for (const operation of operations) run(operation);
  },
  outgoing: () => outgoing,
});
