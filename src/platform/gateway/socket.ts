import type { Namespace, Server, Socket } from "socket.io";
import type { ClientToServerEvents, ServerToClientEvents } from "../contract/types.ts";
import type { User } from "../auth/user.ts";
import type { Who } from "../limits/limits.ts";
import type { Platform } from "./contract.ts";

/** Between replicas; lossy. */
export interface InterServerEvents {
  /** `owners`: the user of each entry, or null. */
  presence: (documentId: string, update: Uint8Array, owners: (string | null)[]) => void;
  "presence-wanted": (documentId: string) => void;
}

/** Kept with the session, too: no secrets. */
export interface SocketData {
  /** By the one client address function. */
  address: string;
  name: string;
  /** Undefined when the server is open. */
  user?: User;
}

type Events = ClientToServerEvents<Platform>;
type Pushes = ServerToClientEvents<Platform>;

/** Socket.IO as the platform uses it: with its own events. Those of features go through their contracts. */
export type PlatformServer = Server<Events, Pushes, InterServerEvents, SocketData>;
export type PlatformNamespace = Namespace<Events, Pushes, InterServerEvents, SocketData>;
export type PlatformSocket = Socket<Events, Pushes, InterServerEvents, SocketData>;

/** Whom a socket's events are counted for. */
export function whoIs({ data }: PlatformSocket): Who {
  return { address: data.address, userId: data.user?.id };
}
