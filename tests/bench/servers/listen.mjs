import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";

/**
 * Socket.IO as its documentation shows it: on node:http, or with ENGINE=bun on Bun's own server.
 *
 * @param {Partial<import("socket.io").ServerOptions>} options
 */
export async function listen(options) {
  const io = new Server(options);
  if (process.env["ENGINE"] !== "bun") {
    const server = createServer();
    io.attach(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { io, port: server.address().port };
  }
  const { Server: Engine } = await import("@socket.io/bun-engine");
  const engine = new Engine({ path: "/socket.io/" });
  io.bind(engine);
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", ...engine.handler() });
  return { io, port: server.port };
}
