import type { ChildProcess } from "node:child_process";
import type { Server, ServerOptions } from "socket.io";
import type { FanOut } from "../shared/fan-out.ts";
import type { OriginCheck } from "../shared/origin.ts";
import type { EngineConnection } from "./engine-connection.ts";

/** What a client may take before its request is anyone's: against those who hold connections by being slow. */
export interface RequestLimits {
  headersTimeoutMs: number;
  bodyTimeoutMs: number;
  maxHeaderBytes: number;
  maxBodyBytes: number;
  /** Requests of one connection that may wait behind another. */
  maxPipelined: number;
  /** Of one long-polling body. */
  maxPackets: number;
  /** Of a body or a message of a client that has not entered a namespace. */
  maxEntryBytes: number;
}

/** What a runtime is given to serve: one port for HTTP and Socket.IO. */
export interface ServerParts {
  /** Answers an HTTP request that is not Socket.IO's. */
  fetch: (
    request: Request,
    source: {
      remoteAddress: string | undefined;
      /** Calls a listener when the answer went out, or its client is gone. */
      onAnswered?: (listener: () => void) => void;
    },
  ) => Response | Promise<Response>;
  // The event types are the application's business.
  // oxlint-disable-next-line typescript/no-explicit-any
  io: Server<any, any, any, any>;
  /** The same options the Socket.IO server was made with: an engine of its own needs them again. */
  socketOptions: Partial<ServerOptions>;
  /** Whether the page behind a request for Socket.IO may make it. */
  allowsOrigin: OriginCheck;
  /** Whether one more connection of the engine may be made for whom a request comes from. */
  mayOpen: (peer: string | undefined, forwardedFor: string | undefined) => boolean;
  limits: RequestLimits;
  /** Must see each connection of the engine before Socket.IO does. */
  onConnection: (connection: EngineConnection) => void;
  /** Told of what was refused or cut off here, by reason. */
  onRefused: (reason: string) => void;
}

/**
 * A listening port, whatever the runtime.
 *
 * MUST: refuse foreign pages (`foreignOrigin`) before Socket.IO's handshake or upgrade.
 * MUST: let the requests of one connection take turns, and end a connection with more than `maxPipelined` of them.
 * MUST: end connections past `limits`, as far as the runtime can.
 * MUST: give Socket.IO the peer's address as `handshake.address` and the path as `handshake.url`.
 * MUST: reject `listen` with the system's error code (`EADDRINUSE`, `EACCES`) in `code`.
 */
export interface RuntimeServer {
  /** @returns the port, which the system chose if 0 was asked for. */
  listen(port: number, host: string): Promise<number>;
  /** Stops listening and ends what is still open. */
  close(): Promise<void>;
  /** Engine.IO connections, also of clients that are in no namespace. */
  connections(): number;
}

export interface Runtime {
  /** Name and version, as `node 24.21.0`. */
  name: string;
  fanOut: FanOut;
  createServer(parts: ServerParts): RuntimeServer;
  /** Starts a script of this project as a process of its own, with pipes for standard input and output. */
  startScript(file: URL): ChildProcess;
}
