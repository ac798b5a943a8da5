import { once } from "node:events";
import type { Server } from "node:http";
import type { Duplex } from "node:stream";
import { type HttpBindings, createAdaptorServer } from "@hono/node-server";
import { leaveHandshakeBehind } from "./lean-connection.ts";
import { writeByTurns } from "./node-fan-out.ts";
import type { Connection } from "./receivers.ts";
import type { RuntimeServer, ServerParts } from "./contract.ts";

/** Thousands who come back at once wait in line; Node's own 511 would turn them away. */
const backlog = 4096;

/** What is used of engine.io's server, some of which its types keep protected. */
interface Engine {
  clients: Record<string, unknown>;
  clientsCount: number;
  prependListener(
    event: "connection",
    listener: (connection: Connection & Parameters<typeof leaveHandshakeBehind>[0]) => void,
  ): void;
}

/** Node and Deno, both through `node:http`. */
export function createNodeServer(
  { fetch, io, socketOptions }: ServerParts,
  fastPaths: boolean,
): RuntimeServer {
  const server = createAdaptorServer({
    fetch: (request, env) =>
      fetch(request, { remoteAddress: (env as HttpBindings).incoming.socket.remoteAddress }),
  }) as Server;
  io.attach(server, socketOptions);
  const engine = io.engine as unknown as Engine;
  function forget(this: { id: string }): void {
    if (Reflect.deleteProperty(engine.clients, this.id)) engine.clientsCount -= 1;
  }
  // Before Socket.IO adds listeners of its own.
  engine.prependListener("connection", (connection) => {
    leaveHandshakeBehind(connection, forget);
    if (fastPaths) writeByTurns(connection);
  });
  // `closeAllConnections` knows nothing of those that were upgraded.
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (_request, socket: Duplex) => {
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
  });

  return {
    async listen(port, host) {
      server.listen({ port, host, backlog });
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address ? address.port : port;
    },
    async close() {
      const closed = server.listening ? once(server, "close") : undefined;
      if (closed) server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}
