import * as v from "valibot";
import type { Access } from "../auth/access.ts";
import type { Verdict } from "../limits/limiter.ts";
import type { Limits, Rate } from "../limits/limits.ts";
import { Refusal, toReply } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import { SpanKind, isTracing, traced } from "../shared/tracing.ts";
import { whoIs } from "./admission.ts";
import { type ClientEvent, type ClientEventName, type Payload, type Result, clientEvents } from "./events.ts";
import { bytesOf } from "./measuring-parser.ts";
import type { TrimaranSocket } from "./server.ts";
import { watchAnswers } from "./unasked-answers.ts";

/** One function per event of the contract, for one socket. */
export type Handlers = {
  [E in ClientEventName]: (socket: TrimaranSocket, payload: Payload<E>) => Promise<Result<E>> | Result<E>;
};

export interface EventBounds {
  /** Of each binary field of an event. */
  maxPayloadBytes: number;
  /** Events of one socket that may wait at once; a client that sends more does not listen to replies. */
  maxWaiting: number;
  /** A client that goes on after so many of its events were refused in so long is disconnected. */
  refusals: Rate;
}

export interface PipelineOptions {
  /** Of the events that this socket may send; others are refused as unknown. */
  handlers: Partial<Handlers>;
  limits: Limits;
  access: Access;
  /** Whether the socket is a member of the document. */
  isMember: (socket: TrimaranSocket, documentId: string) => boolean;
  bounds: EventBounds;
  log: Logger;
  /** Counts outcomes: `result` is `ok` or the code of the refusal. */
  onResult: (event: string, result: string, seconds: number) => void;
  /** Told of a client that was disconnected because it went on after many refusals. */
  onFlood: () => void;
}

type Handle = (socket: TrimaranSocket, payload: unknown) => unknown;
type Acknowledge = (reply: unknown) => void;

/** Nothing is before an event in its socket's order. */
const idle = Promise.resolve();

/**
 * The one way in for every event: validate -> limit -> authorize -> handle -> acknowledge.
 *
 * A socket's events start in the order in which they came. Those that change what it is a member of are
 * over before the next starts; others don't wait for each other's outcome, which stores and streams keep
 * in order themselves. Lossy events wait for nothing.
 */
export function attachPipeline(socket: TrimaranSocket, options: PipelineOptions): void {
  const { maxWaiting, refusals: allowed } = options.bounds;
  let turn = idle;
  let waiting = 0;
  let refusals = 0;
  let windowEndsAt = 0;
  let isEnded = false;

  /** @returns false when the client has gone on for too long. */
  function mayGoOn(): boolean {
    const now = performance.now();
    if (now > windowEndsAt) [refusals, windowEndsAt] = [0, now + allowed.windowMs];
    refusals += 1;
    if (refusals <= allowed.limit) return true;
    isEnded = true;
    options.log.warn(
      { socket: socket.id, refusals },
      "a client goes on after many refusals, disconnecting it",
    );
    options.onFlood();
    socket.conn.close();
    return false;
  }

  watchAnswers(socket, (args) => {
    if (!isEnded && mayGoOn()) count(socket, args, options.limits).catch(() => undefined);
  });

  // `onAny` sees unknown events too, which deserve an answer like any other.
  socket.onAny((name: unknown, ...args: unknown[]) => {
    // Socket.IO's parser lets numbers pass for names, and packets without any.
    const event = typeof name === "string" ? name : "";
    if (isEnded) return;
    const acknowledge = typeof args.at(-1) === "function" ? (args.pop() as Acknowledge) : undefined;
    if (waiting >= maxWaiting) {
      if (!mayGoOn()) return;
      const refusal = new Refusal("overloaded", `more than ${maxWaiting} events are waiting`);
      return refuse(socket, event, acknowledge, refusal, options, 0);
    }
    waiting += 1;
    // Counted on arrival, not in its turn: otherwise every event would wait for the counting of all
    // before it, which on a slow way to Redis adds up.
    const verdict = count(socket, args, options.limits);
    verdict.catch(() => undefined);
    const run = (onStarted: () => void) =>
      process(socket, event, args, acknowledge, verdict, onStarted, options)
        .then((isRefused) => void (isRefused && !isEnded && mayGoOn()))
        // Such as an acknowledgement that can't be encoded.
        .catch((error: unknown) => options.log.error({ err: error, event }, "an event could not be answered"))
        .finally(() => (waiting -= 1));
    const order = orderOf(event);
    if (order === "lossy") void run(() => {});
    else if (order === "exclusive") turn = turn.then(() => run(() => {}));
    else turn = turn.then(() => new Promise((resolve) => void run(resolve)));
  });
}

/** @returns whether the event was refused for what the client did. */
async function process(
  socket: TrimaranSocket,
  event: string,
  args: unknown[],
  acknowledge: Acknowledge | undefined,
  verdict: Promise<Verdict>,
  onStarted: () => void,
  options: PipelineOptions,
): Promise<boolean> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const { name, payload } = validate(event, args, options.bounds.maxPayloadBytes);
    checkLimit(await verdict);
    await authorize(socket, name, payload, options);
    const handle = options.handlers[name] as Handle | undefined;
    if (!handle) throw new Refusal("invalid", `no event "${name}" in namespace ${socket.nsp.name}`);
    const handling = isTracing() ? handleTraced(handle, socket, name, payload) : handle(socket, payload);
    onStarted();
    const result = await handling;
    options.onResult(name, "ok", seconds());
    acknowledge?.({ ok: true, ...(result as object | undefined) });
    return false;
  } catch (error) {
    onStarted();
    refuse(socket, event, acknowledge, error, options, seconds());
    // What is the server's own fault is not counted.
    return error instanceof Refusal && error.code !== "unavailable";
  }
}

function handleTraced(handle: Handle, socket: TrimaranSocket, event: string, payload: object): unknown {
  const attributes = () => ({
    "messaging.system": "socket.io",
    "messaging.operation.name": event,
    ...("documentId" in payload && { "trimaran.document.id": String(payload.documentId) }),
    ...(socket.data.user && { "enduser.id": socket.data.user.id }),
  });
  return traced(event, { kind: SpanKind.SERVER, attributes }, () => handle(socket, payload));
}

function orderOf(event: string): ClientEvent["order"] {
  return isKnown(event) ? clientEvents[event].order : "in-turn";
}

function isKnown(event: string): event is ClientEventName {
  return Object.hasOwn(clientEvents, event);
}

function validate(event: string, args: unknown[], maxBytes: number) {
  if (!isKnown(event)) throw new Refusal("invalid", `unknown event ${JSON.stringify(event.slice(0, 64))}`);
  if (args.length !== 1) {
    throw new Refusal(
      "invalid",
      `${event} takes one object and an acknowledgement, got ${args.length} values`,
    );
  }
  const parsed = v.safeParse(clientEvents[event].payload, args[0], { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Refusal("invalid", `${v.getDotPath(issue) ?? event}: ${issue.message}`);
  }
  for (const [field, value] of Object.entries<unknown>(parsed.output)) {
    if (value instanceof Uint8Array && value.length > maxBytes) {
      throw new Refusal("too_large", `${field}: ${value.length} bytes, at most ${maxBytes} are taken`);
    }
  }
  return { name: event, payload: parsed.output };
}

/** The event, and its bytes; the stricter verdict of the two. */
async function count(socket: TrimaranSocket, args: unknown[], { event, byte }: Limits): Promise<Verdict> {
  const who = whoIs(socket);
  const bytes = byte(who, bytesOf(args));
  const verdict = await event(who);
  return verdict.allowed ? bytes : verdict;
}

function checkLimit({ allowed, resetInMs }: Verdict): void {
  if (!allowed) throw new Refusal("rate_limited", "too many events", { retryAfterMs: resetInMs });
}

async function authorize(
  socket: TrimaranSocket,
  event: ClientEventName,
  { documentId = "" }: { documentId?: string },
  { isMember, access }: PipelineOptions,
): Promise<void> {
  const { membersOnly, needs }: ClientEvent = clientEvents[event];
  // Membership first: it says nothing about a document that one may not know of.
  if (membersOnly && !isMember(socket, documentId))
    throw new Refusal("not_joined", `join document "${documentId}" first`);
  if (!needs) return;
  if (!(await access.may(socket.data.user, documentId, needs)))
    throw new Refusal("forbidden", `you may not ${needs} document "${documentId}"`);
}

function refuse(
  socket: TrimaranSocket,
  event: string,
  acknowledge: Acknowledge | undefined,
  error: unknown,
  options: PipelineOptions,
  seconds: number,
): void {
  const known = error instanceof Refusal;
  const whose = { socket: socket.id, user: socket.data.user?.id };
  // What is not a refusal is our own mistake: the log gets it whole, the client gets a code.
  if (!known) options.log.error({ err: error, event, ...whose }, "an event handler failed");
  else if (error.code === "unavailable")
    options.log.warn({ err: error, event, ...whose }, "an event was refused");
  const refusal = known ? error : new Refusal("unavailable", "internal error; try again later");
  options.onResult(isKnown(event) ? event : "unknown", refusal.code, seconds);
  const reply = toReply(refusal);
  if (acknowledge) acknowledge(reply);
  // Local: with recovery on, a plain `socket.emit` would travel through Redis to every replica.
  else socket.nsp.local.to(socket.id).emit("error-message", reply);
}
