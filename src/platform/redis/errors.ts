import {
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ErrorReply,
  ReconnectStrategyError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
} from "redis";
import { Refusal, errorMessage } from "../util/errors.ts";
import { DeadlineMissed } from "./deadline.ts";

/** What was under way when another command showed that Redis does not respond. */
export class LinkDown extends Error {}

const transportErrors = [
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ReconnectStrategyError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
  DeadlineMissed,
  LinkDown,
  // Of work that was refused because the link is down.
  Refusal,
];
/** The language's own classes for a mistake in a program. Node gives some of these a `code`, as sockets' errors have. */
const mistakes = [TypeError, RangeError, ReferenceError, SyntaxError, URIError];

/** Errors that came by the socket of a client: node-redis hands them to the commands that waited. */
const ofSockets = new WeakSet<Error>();

/** Remembers an error that a client emitted: it speaks of the connection, of any class. */
export function noteSocketError(error: unknown): void {
  if (error instanceof Error) ofSockets.add(error);
}

/** Whether an error is Redis' reply or the transport's. All others are mistakes of this program or of the app. */
export function isOfRedis(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ErrorReply || ofSockets.has(error)) return true;
  if (mistakes.some((kind) => error instanceof kind)) return false;
  // Sockets' errors, as ECONNRESET, have a code on all runtimes, and no class of their own.
  return transportErrors.some((kind) => error instanceof kind) || "code" in error;
}

/** Whether Redis can't be relied on after this: error replies about one key or script say nothing about the server. */
export function isServerTrouble(error: unknown): boolean {
  if (!isOfRedis(error) || error instanceof Refusal) return false;
  if (!(error instanceof ErrorReply)) return true;
  return !/^(WRONGTYPE|NOSCRIPT|ERR|EXECABORT|BUSYKEY|INVALID)/.test(errorMessage(error));
}
