import { type ManagerOptions, type Socket, type SocketOptions, io } from "socket.io-client";
import type * as features from "../features.ts";
import type { Contract } from "../platform/contract/define.ts";
import type * as wire from "../platform/gateway/contract.ts";
import type { ErrorReply } from "../platform/util/errors.ts";

/** The contracts of all features of this app. */
type AppContract = (typeof features)[keyof typeof features]["contract"];

/** What clients of this app may send, and are sent. */
export type AppClientEvents = wire.AppClientEvents<AppContract>;
export type AppServerEvents = wire.AppServerEvents<AppContract>;

/** A client of an app with these features; of this app's if left out. */
export type TrimaranClient<C extends Contract = AppContract> = Socket<
  wire.AppServerEvents<C>,
  wire.AppClientEvents<C>
>;

export interface ConnectOptions extends Partial<ManagerOptions & SocketOptions> {
  /** Shown to others, unless the token has a name. A function is asked again for every connection. */
  name?: string | (() => string);
  /**
   * For servers that want one. A function is asked again for every connection, so that it can give a new one
   * when the last has expired; it may take its time, and may reject when there is none to be had now.
   */
  token?: string | (() => string | Promise<string>);
}

const refusedDelayMs = 1000;
const maxRenewDelayMs = 30_000;
/** Refusals that pass by themselves. */
const retried = new Set<ErrorReply["error"]["code"]>(["rate_limited", "overloaded", "unavailable"]);

/**
 * A Socket.IO client, typed by the contracts of the app. It reconnects by itself, for ever.
 *
 * @param url the server; the page's own origin if left out. Any Socket.IO option can be given too.
 */
export function connect<C extends Contract = AppContract>(
  url = "",
  { name, token, ...options }: ConnectOptions = {},
): TrimaranClient<C> {
  const socket: TrimaranClient<C> = io(url, {
    // WebSocket first needs no sticky balancer; long-polling is there for networks that block it.
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    // The balancer's cookie must come back for long-polling to stay on one replica.
    withCredentials: true,
    reconnectionDelay: 250,
    reconnectionDelayMax: 3000,
    // Spread over half to one and a half of the delay: a replica's clients don't return as one.
    randomizationFactor: 0.5,
    ...options,
    auth: (give) => {
      // Without a token the server says what is missing, and it is asked for again.
      Promise.resolve(typeof token === "function" ? token() : token)
        .catch(() => undefined)
        .then((current) => give({ name: typeof name === "function" ? name() : name, token: current }));
    },
  });
  if (options.reconnection !== false) retryRefused(socket, typeof token === "function");
  return socket;
}

/**
 * Socket.IO gives up after a refusal; one by a limit, or while the server is unwell, passes with time. So does one
 * of a token, if another can be had: at once the first time, since most often it has just expired.
 */
function retryRefused(
  socket: Pick<Socket, "on" | "active" | "connect" | "disconnect" | "close">,
  canRenew: boolean,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewDelayMs = 0;
  socket.on("connect", () => (renewDelayMs = 0));
  socket.on("connect_error", (error) => {
    const refusal = refusalOf(error);
    if (socket.active || !refusal) return;
    const isTokens = canRenew && refusal.code === "unauthorized";
    if (!isTokens && !retried.has(refusal.code)) return;
    const delayMs = isTokens ? renewDelayMs : (refusal.retryAfterMs ?? refusedDelayMs);
    if (isTokens) renewDelayMs = Math.min(maxRenewDelayMs, renewDelayMs * 2 || refusedDelayMs);
    timer = setTimeout(() => socket.connect(), delayMs * (1 + Math.random() / 2));
  });
  // Not the user's wish: the server wants to see again who this is.
  socket.on("disconnect", (reason) => {
    if (reason !== "io server disconnect") return;
    timer = setTimeout(() => socket.connect(), refusedDelayMs * (1 + Math.random()));
  });
  // Whoever closes the socket meanwhile means it; no event tells of that.
  const disconnect = socket.disconnect.bind(socket);
  socket.disconnect = socket.close = () => {
    clearTimeout(timer);
    return disconnect();
  };
}

/** What the server answers when it refuses a connection; a connection that merely fails has none. */
export function refusalOf(error: Error): ErrorReply["error"] | undefined {
  const data: unknown = "data" in error ? error.data : undefined;
  return typeof data === "object" && data !== null && "code" in data
    ? (data as ErrorReply["error"])
    : undefined;
}
