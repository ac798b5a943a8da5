import { Server, type ServerOptions } from "socket.io";
import type { Logger } from "../observability/log.ts";
import { callOnce, listenerFailed } from "./app-listeners.ts";
import type { PlatformNamespace, PlatformServer } from "./socket.ts";

type Of = Parameters<PlatformServer["of"]>;
/** Decides whether there is a namespace of this name: what `io.of` takes in the place of a name. */
type Decide = (name: string, auth: object, next: (error: unknown, isThere?: boolean) => void) => unknown;

const TypedServer: new (options: Partial<ServerOptions>) => PlatformServer = Server;

/**
 * Guards the functions that an app gives `io.of` in the place of a name: Socket.IO takes what one throws for an
 * invalid packet, and ends the connection with all its namespaces.
 */
export class GuardedServer extends TypedServer {
  readonly #log: Logger;

  constructor(options: Partial<ServerOptions>, log: Logger) {
    super(options);
    this.#log = log;
  }

  override of(...[name, onConnect]: Of): PlatformNamespace {
    return super.of(typeof name === "function" ? (this.#guarded(name as Decide) as never) : name, onConnect);
  }

  #guarded(decide: Decide): Decide {
    return (name, auth, next) =>
      callOnce(
        (answer) => decide(name, auth, answer),
        next,
        (error) => {
          this.#log.error({ err: error, namespace: name }, listenerFailed);
          next(error);
        },
      );
  }
}
