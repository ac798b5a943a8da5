import type { EventEmitter } from "node:events";
import type { Namespace, Server, Socket } from "socket.io";
import { emitEach } from "../shared/emit-each.ts";
import { errorMessage } from "../shared/errors.ts";
import type { Packet } from "../shared/fan-out.ts";
import type { Logger } from "../shared/log.ts";

/** What is used of a socket, some of which Socket.IO's types keep private. */
interface Listened extends EventEmitter {
  _anyOutgoingListeners?: ((...args: unknown[]) => void)[];
}

type Next = (error?: unknown) => void;
type Middleware = (socket: Socket, next: Next) => unknown;

/** Decides whether there is a namespace of this name: what `io.of` takes in the place of a name. */
type Decide = (name: string, auth: object, next: (error: unknown, isThere?: boolean) => void) => unknown;

const failure = "a listener of the app failed";

/**
 * Keeps what listeners of the app throw from ending Socket.IO's own work half-way: a "connect" listener that throws
 * would leave a socket without its handlers, a "disconnect" listener one in its rooms for ever, an `onAnyOutgoing`
 * listener the members after it without an event, and a middleware a client without an answer.
 */
export function guardListeners(namespace: Namespace, log: Logger): void {
  // Every server has this one, from its start.
  if (namespace.name === "/") guardParentNamespaces(namespace.server, log);
  const failed = (event: string) => (error: unknown) =>
    log.error({ err: error, event, namespace: namespace.name }, failure);

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

  Object.assign(namespace, { emitReserved, run });
  namespace.on(
    "connection",
    (socket) => void Object.assign(socket, { emitReserved, notifyOutgoingListeners }),
  );
}

/**
 * Guards the functions that an app gives `io.of` in the place of a name: Socket.IO takes what one throws for an
 * invalid packet, and ends the connection with all its namespaces.
 */
function guardParentNamespaces(io: Server, log: Logger): void {
  const of = io.of.bind(io);
  const guarded =
    (decide: Decide): Decide =>
    (name, auth, next) =>
      callOnce(
        (answer) => decide(name, auth, answer),
        next,
        (error) => {
          log.error({ err: error, namespace: name }, failure);
          next(error);
        },
      );
  io.of = ((name: Parameters<typeof of>[0] | Decide, onConnect) =>
    of(typeof name === "function" ? (guarded(name as Decide) as never) : name, onConnect)) as typeof io.of;
}

/** Calls a function of the app that is to call back: `onCalled` the first time, or `onFailed` if it throws before. */
function callOnce<T extends unknown[]>(
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
