import * as v from "valibot";
import type { Access } from "../auth/access.ts";
import type { Verdict } from "../limits/limiter.ts";
import type { Limits, Rate } from "../limits/limits.ts";
import { Refusal, toReply } from "../util/errors.ts";
import type { Observability } from "../observability/metrics.ts";
import { SpanKind, isTracing, traced } from "../observability/tracing.ts";
import { type ComposedEvent, joinEvent, roomField } from "../contract/compose.ts";
import { type RoomId, asRoomId } from "../contract/room-id.ts";
import { Overdue, type Within } from "./handler-deadline.ts";
import type { RoomSender } from "./handlers.ts";
import { bytesOf } from "./measuring-parser.ts";
import { socketRoom } from "./rooms.ts";
import { type PlatformSocket, whoIs } from "./socket.ts";
import { watchAnswers } from "./unasked-answers.ts";

/** What an event does; the types of its contract are checked where it is defined. */
export type Handle = (sender: RoomSender, payload: object) => unknown;

export interface EventBounds {
  /** Of each binary field of an event. */
  maxPayloadBytes: number;
  /** Events of one socket that may wait at once; a client that sends more does not listen to replies. */
  maxWaiting: number;
  /** How long a handler, and a feature's part of a join, may take. */
  handlerTimeoutMs: number;
  /** A client that goes on after so many of its events were refused in so long is disconnected. */
  refusals: Rate;
}

export interface PipelineOptions {
  /** All events of the app; a socket may send those of its namespace. */
  events: ReadonlyMap<string, ComposedEvent>;
  handlers: ReadonlyMap<string, Handle>;
  limits: Limits;
  access: Access;
  bounds: EventBounds;
  /** Bounds the time of handlers. */
  within: Within;
  observability: Observability;
}

type Acknowledge = (reply: unknown) => void;

/** Nothing is before an event in its socket's order. */
const idle = Promise.resolve();

/**
 * The one way in for every event: validate -> limit -> authorize -> handle -> acknowledge.
 *
 * A socket's events start in the order in which they came. Those that change what it is a member of are
 * over before the next starts; others don't wait for each other's outcome, which stores and streams keep
 * in order themselves. Lossy events wait for nothing. A handler that does not end within its time is
 * refused, so that the events behind it go on.
 */
export function attachPipeline(socket: PlatformSocket, options: PipelineOptions): void {
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
    options.observability.log.warn(
      { socket: socket.id, refusals },
      "a client goes on after many refusals, disconnecting it",
    );
    options.observability.metrics.countRefused("refusals");
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
        .catch((error: unknown) =>
          options.observability.log.error({ err: error, event }, "an event could not be answered"),
        )
        .finally(() => (waiting -= 1));
    const order = options.events.get(event)?.order;
    if (order === "lossy") void run(() => {});
    else if (order === "exclusive") turn = turn.then(() => run(() => {}));
    else turn = turn.then(() => new Promise((resolve) => void run(resolve)));
  });
}

/** @returns whether the event was refused for what the client did. */
async function process(
  socket: PlatformSocket,
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
    const { known, payload, room } = validate(event, args, options);
    checkLimit(await verdict);
    if (known.definition.room) await authorize(socket, room, known, options);
    const handle = options.handlers.get(event);
    if (!handle) throw new Refusal("unavailable", `no handler of "${event}"`);
    const { user, name } = socket.data;
    const sender: RoomSender = { user, name, socket, room };
    const handling = isTracing() ? handleTraced(handle, sender, event, payload) : handle(sender, payload);
    onStarted();
    const result = await (event === joinEvent
      ? handling
      : options.within(handling, known.feature, `the handler of ${event}`));
    options.observability.metrics.observeEvent(event, "ok", seconds());
    acknowledge?.({ ok: true, ...known.pickReply(result) });
    return false;
  } catch (error) {
    onStarted();
    refuse(socket, event, acknowledge, error, options, seconds());
    // What is the server's own fault is not counted.
    return error instanceof Refusal && error.code !== "unavailable";
  }
}

function handleTraced(handle: Handle, sender: RoomSender, event: string, payload: object): unknown {
  const { user } = sender.socket.data;
  const attributes = () => ({
    "messaging.system": "socket.io",
    "messaging.operation.name": event,
    ...(roomField in payload && { "trimaran.document.id": sender.room }),
    ...(user && { "enduser.id": user.id }),
  });
  return traced(event, { kind: SpanKind.SERVER, attributes }, () => handle(sender, payload));
}

/** @returns the event as it is composed, its payload, and the room that it names; for an event of no room `room` is no value. */
function validate(event: string, args: unknown[], { events, bounds: { maxPayloadBytes } }: PipelineOptions) {
  const known = events.get(event);
  if (!known) throw new Refusal("invalid", `unknown event ${JSON.stringify(event.slice(0, 64))}`);
  if (args.length !== 1) {
    throw new Refusal(
      "invalid",
      `${event} takes one object and an acknowledgement, got ${args.length} values`,
    );
  }
  const parsed = v.safeParse(known.schema, args[0], { abortEarly: true });
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Refusal("invalid", `${v.getDotPath(issue) ?? event}: ${issue.message}`);
  }
  const payload = parsed.output as Record<string, unknown>;
  for (const [field, value] of Object.entries(payload)) {
    if (value instanceof Uint8Array && value.length > maxPayloadBytes) {
      throw new Refusal("too_large", `${field}: ${value.length} bytes, at most ${maxPayloadBytes} are taken`);
    }
  }
  return { known, payload, room: asRoomId(payload[roomField] as string) };
}

/** The event, and its bytes; the stricter verdict of the two. */
async function count(socket: PlatformSocket, args: unknown[], { event, byte }: Limits): Promise<Verdict> {
  const who = whoIs(socket);
  const bytes = byte(who, bytesOf(args));
  const verdict = await event(who);
  return verdict.allowed ? bytes : verdict;
}

function checkLimit({ allowed, resetInMs }: Verdict): void {
  if (!allowed) throw new Refusal("rate_limited", "too many events", { retryAfterMs: resetInMs });
}

async function authorize(
  socket: PlatformSocket,
  room: RoomId,
  { name, feature, definition: { room: which, needs } }: ComposedEvent,
  { access, within }: PipelineOptions,
): Promise<void> {
  // Membership first: it says nothing about a room that one may not know of.
  if (which === "joined" && !socket.rooms.has(socketRoom(room)))
    throw new Refusal("not_joined", `join document "${room}" first`);
  if (!needs) return;
  if (!(await within(access.may(socket.data.user, room, needs), feature, `the permission for ${name}`)))
    throw new Refusal("forbidden", `you may not ${needs} document "${room}"`);
}

function refuse(
  socket: PlatformSocket,
  event: string,
  acknowledge: Acknowledge | undefined,
  error: unknown,
  options: PipelineOptions,
  seconds: number,
): void {
  const known = error instanceof Refusal;
  const feature = error instanceof Overdue ? error.feature : options.events.get(event)?.feature;
  const whose = { feature, socket: socket.id, user: socket.data.user?.id };
  // What is not a refusal is our own mistake: the log gets it whole, the client gets a code.
  if (!known) options.observability.log.error({ err: error, event, ...whose }, "an event handler failed");
  else if (error.code === "unavailable")
    options.observability.log.warn({ err: error, event, ...whose }, "an event was refused");
  const refusal = known ? error : new Refusal("unavailable", "internal error; try again later");
  options.observability.metrics.observeEvent(
    options.events.has(event) ? event : "unknown",
    refusal.code,
    seconds,
  );
  const reply = toReply(refusal);
  if (acknowledge) acknowledge(reply);
  // Local: with recovery on, a plain `socket.emit` would travel through Redis to every replica.
  else socket.nsp.local.to(socket.id).emit("error-message", reply);
}
