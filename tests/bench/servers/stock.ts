import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Server } from "socket.io";
import { serveCommands } from "../../support/commands.ts";
import { driveServer } from "./drive.ts";

/* Socket.IO as its documentation shows it: on node:http, or with ENGINE=bun on Bun's own server. */

async function onNodeHttp() {
  const server = createServer();
  const io = new Server(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { io, port: (server.address() as AddressInfo).port };
}

async function onBunEngine() {
  const { Server: Engine } = await import("@socket.io/bun-engine");
  const engine = new Engine({ path: "/socket.io/" });
  const io = new Server();
  io.bind(engine);
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", ...engine.handler() } as never);
  return { io, port: server.port };
}

const { io, port } = await (process.env["ENGINE"] === "bun" ? onBunEngine() : onNodeHttp());
serveCommands({ ...driveServer(io), port: () => port });
