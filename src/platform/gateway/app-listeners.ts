import type { EventEmitter } from "node:events";
import type { Namespace, Socket } from "socket.io";
import { emitEach } from "../util/emit-each.ts";
import { errorMessage } from "../util/errors.ts";
import type { Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";

/** What is used of a socket, some of which Socket.IO's types keep private. */
interface Listened extends EventEmitter {
  _anyOutgoingListeners?: ((...args: unknown[]) => void)[];
}

type Next = (error?: unknown) => void;
type Middleware = (socket: Socket, next: Next) => unknown;

export const listenerFailed = "a listener of the app failed";

/**
 * Keeps what listeners of the app throw from ending Socket.IO's own work half-way: a "connect" listener that throws
 * would leave a socket without its handlers, a "disconnect" listener one in its rooms for ever, an `onAnyOutgoing`
 * listener the members after it without an event, and a middleware a client without an answer.
 */
export function guardListeners(namespace: Namespace, log: Logger): void {
  const failed = (event: string) => (error: unknown) =>
    log.error({ err: error, event, namespace: namespace.name }, listenerFailed);

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

  /** The error as Socket.IO sends it, or a plain one if its data can't be encoded. */
  function tellable(error: unknown): unknown {
    try {
      JSON.stringify((error as { data?: unknown }).data);
      return error;
    } catch (cause) {
      failed("middleware")(cause);
      return new Error(errorMessage(error));
    }
  }

  // In the place of Socket.IO's own. Not of `use`: children of a parent namespace get its middlewares without that.
  function run(this: { _fns: Middleware[] }, socket: Socket, onEnd: Next): void {
    const middlewares = this._fns.slice();
    const runFrom = (index: number): void => {
      const middleware = middlewares[index];
      if (!middleware) return onEnd();
      callOnce(
        (next) => middleware(socket, next),
        (error) => (error ? onEnd(tellable(error)) : runFrom(index + 1)),
        (error) => {
          failed("middleware")(error);
          onEnd(new Error("internal error; try again later"));
        },
      );
    };
    runFrom(0);
  }

  // Assigned, and not overridden: Socket.IO makes its namespaces and sockets itself, and takes no classes for them.
  Object.assign(namespace, { emitReserved, run });
  namespace.on(
    "connection",
    (socket) => void Object.assign(socket, { emitReserved, notifyOutgoingListeners }),
  );
}

/** Calls a function of the app that is to call back: `onCalled` the first time, or `onFailed` if it throws before. */
export function callOnce<T extends unknown[]>(
  call: (callback: (...args: T) => void) => unknown,
  onCalled: (...args: T) => void,
  onFailed: (error: unknown) => void,
): void {
  let isOver = false;
  const first = (work: () => void) => {
    if (isOver) return;
    isOver = true;
    work();
  };
  const fail = (error: unknown) => first(() => onFailed(error));
  try {
    const result = call((...args) => first(() => onCalled(...args)));
    if (result instanceof Promise) result.catch(fail);
  } catch (error) {
    fail(error);
  }
}
