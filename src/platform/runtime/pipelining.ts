import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Exchange = [request: IncomingMessage, response: ServerResponse];

/**
 * Has the requests that a client sends behind one another on a connection take turns: each begins after the answer
 * before it went out, in a later turn of the event loop. `node:http` hands over all requests of a piece of 64 KB at
 * once, two thousand of them, and holds all of their answers until the client reads the first.
 *
 * @param maxWaiting requests of one connection that may wait; a client that sends more is disconnected.
 */
export function takeTurns(server: Server, maxWaiting: number, onRefused: (reason: string) => void): void {
  const listeners = server.listeners("request") as ((...exchange: Exchange) => void)[];
  server.removeAllListeners("request");
  /** Those that wait, of each connection with a request under way. */
  const waiting = new WeakMap<Socket, Exchange[]>();

  function begin(exchange: Exchange): void {
    const [{ socket }, response] = exchange;
    response.once("close", () => {
      if (waiting.get(socket)?.length === 0) waiting.delete(socket);
      else setImmediate(beginNext, socket);
    });
    for (const listener of listeners) listener.apply(server, exchange);
  }

  function beginNext(socket: Socket): void {
    const next = waiting.get(socket)?.shift();
    if (next && !socket.destroyed) begin(next);
  }

  server.on("request", (...exchange: Exchange) => {
    const [{ socket }] = exchange;
    const queue = waiting.get(socket);
    if (socket.destroyed) return;
    if (!queue) {
      waiting.set(socket, []);
      begin(exchange);
    } else if (queue.length < maxWaiting) {
      queue.push(exchange);
    } else {
      onRefused("pipelining");
      socket.destroy();
    }
  });
}
