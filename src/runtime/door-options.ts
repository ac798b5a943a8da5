import type { Refusal } from "../shared/errors.ts";
import type { EngineConnection } from "./engine-connection.ts";

/** What one connection may send. */
export interface DoorBounds {
  /** Packets that may wait for their turn; one long-polling body may not have more either. */
  maxWaitingPackets: number;
  /** Of a CONNECT: the namespace's name, and `auth` with its token. */
  maxConnectBytes: number;
  /** Connections of one address that have not entered. */
  maxEntering: number;
  /** Namespaces, entered or asked for. */
  maxNamespaces: number;
  /** Attempts that may fail: a client with more guesses passwords or names of namespaces. */
  maxFailedAttempts: number;
  /** Attachments of one event, and the time in which all of them must have come. */
  maxAttachments: number;
  attachmentsTimeoutMs: number;
}

export interface DoorOptions {
  bounds: DoorBounds;
  /** Bytes of an event with its attachments, and of what one client may have waiting. */
  maxEventBytes: number;
  /** Of a body or a message before the client has entered: it has nothing to send yet but its attempts to enter. */
  maxEntryBytes: number;
  /** From where a connection comes. */
  addressOf: (connection: EngineConnection) => string;
  /** Whether one more attempt to enter is allowed; the refusal otherwise. Asked before Socket.IO knows of it. */
  mayEnter: (connection: EngineConnection) => Promise<Refusal | undefined>;
  /** Told why a connection was ended. */
  onRefused: (reason: DoorReason) => void;
}

export type DoorReason =
  | "entering"
  | "packet_flood"
  | "connect_flood"
  | "large_connect"
  | "attachments"
  | "protocol";
