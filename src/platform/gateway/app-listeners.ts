import type { EventEmitter } from "node:events";
import type { Namespace, Socket } from "socket.io";
import { emitEach } from "../util/emit-each.ts";
import type { Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";

/** What is used of a socket, some of which Socket.IO's types keep private. */
interface Listened extends EventEmitter {
  _anyOutgoingListeners?: ((...args: unknown[]) => void)[];
}

type Next = (error?: Error) => void;
type Middleware = (socket: Socket, next: Next) => unknown;

/**
 * Keeps what listeners of the app throw from ending Socket.IO's own work half-way: a "connect" listener that throws
 * would leave a socket without its handlers, a "disconnect" listener one in its rooms for ever, an `onAnyOutgoing`
 * listener the members after it without an event, and a middleware a client without an answer.
 */
export function guardListeners(namespace: Namespace, log: Logger): void {
  const failed = (event: string) => (error: unknown) =>
    log.error({ err: error, event, namespace: namespace.name }, "a listener of the app failed");

  // One of each for all sockets, not for each.
  function emitReserved(this: EventEmitter, event: string, ...args: unknown[]): boolean {
    return emitEach(this, event, args, failed(event));
  }
  function notifyOutgoingListeners(this: Listened, { data }: Packet): void {
    if (!this._anyOutgoingListeners?.length) return;
    for (const listener of this._anyOutgoingListeners.slice()) {
      try {
        listener.apply(this, data);
      } catch (error) {
        failed(String(data[0]))(error);
      }
    }
  }

  Object.assign(namespace, { emitReserved });
  namespace.on(
    "connection",
    (socket) => void Object.assign(socket, { emitReserved, notifyOutgoingListeners }),
  );

  const use = namespace.use.bind(namespace) as (middleware: Middleware) => Namespace;
  namespace.use = ((middleware: Middleware) =>
    use((socket, next) => {
      const refuse = (error: unknown) => {
        failed("middleware")(error);
        next(new Error("internal error; try again later"));
      };
      try {
        const result = middleware(socket, next);
        if (result instanceof Promise) result.catch(refuse);
      } catch (error) {
        refuse(error);
      }
    })) as typeof namespace.use;
}
