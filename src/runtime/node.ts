import { once } from "node:events";
import type { Server } from "node:http";
import { type HttpBindings, createAdaptorServer } from "@hono/node-server";
import type { RuntimeServer, ServerParts } from "./contract.ts";

/** Node and Deno, both through `node:http`. */
export function createNodeServer({ fetch, io, socketOptions }: ServerParts): RuntimeServer {
  const server = createAdaptorServer({
    fetch: (request, env) =>
      fetch(request, { remoteAddress: (env as HttpBindings).incoming.socket.remoteAddress }),
  }) as Server;
  io.attach(server, socketOptions);

  return {
    async listen(port, host) {
      server.listen(port, host);
      await once(server, "listening");
      const address = server.address();
      return typeof address === "object" && address ? address.port : port;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
