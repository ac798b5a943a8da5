import { randomUUID } from "node:crypto";
import * as v from "valibot";
import type { Access } from "../auth/access.ts";
import type { User } from "../auth/user.ts";
import type { Limits, Who } from "../limits/limits.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { Refusal } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import { authSchema } from "./events.ts";
import { documentOf } from "./rooms.ts";
import type { SocketData, TrimaranSocket } from "./server.ts";

export interface AdmissionOptions {
  clientAddress: ClientAddress;
  access: Access;
  limits: Limits;
}

/** Whom a socket's events are counted for. */
export function whoIs({ data }: TrimaranSocket): Who {
  return { address: data.address, userId: data.user?.id };
}

/** Of the sockets that came in here. Another namespace of the app has sockets too, with data of the app's alone. */
const users = new WeakMap<TrimaranSocket, User>();

/** The user that a socket was admitted as; undefined in a namespace that has no admission. */
export function userOf(socket: TrimaranSocket): User | undefined {
  return users.get(socket);
}

/**
 * The door: from where somebody comes, who it is, and whether not too often. What is recovered is looked at like
 * what is new.
 *
 * @returns a function that resolves when a socket may come in.
 * @throws {Refusal} from that function.
 */
export function createAdmission({ clientAddress, access, limits }: AdmissionOptions) {
  /** What each connection holds, until it is closed. */
  const held = new WeakMap<object, Who>();
  function giveBack(this: object): void {
    const who = held.get(this);
    if (who) limits.connections.give(who);
    held.delete(this);
  }

  async function holdConnection(connection: TrimaranSocket["conn"], who: Who): Promise<void> {
    if (!(await limits.connections.take(who))) throw new Refusal("overloaded", "too many open connections");
    if (connection.readyState !== "open") return limits.connections.give(who);
    // Whoever enters again on the same connection still has one.
    if (held.has(connection)) giveBack.call(connection);
    else connection.on("close", giveBack);
    held.set(connection, who);
  }

  return async (socket: TrimaranSocket): Promise<void> => {
    const { address: peer, headers, auth } = socket.handshake;
    const address = clientAddress(peer, forwardedFor(headers));
    const parsed = v.safeParse(authSchema, auth);
    // The handshake is kept as long as the connection: only what the contract knows, and without the secret in it.
    socket.handshake.auth = parsed.success ? { name: parsed.output.name } : {};
    if (!parsed.success) throw new Refusal("invalid", `auth: ${parsed.issues[0].message}`);
    const user = await access.identify(parsed.output.token);
    if (user) {
      await checkAttempts(limits, { userId: user.id });
      if (!access.isCurrent(user)) throw new Refusal("unauthorized", "the token was revoked");
    }
    await holdConnection(socket.conn, { address, userId: user?.id });
    const name = user?.name ?? (parsed.output.name || `Guest ${socket.id.slice(0, 4)}`);
    const data: SocketData = { address, name, ...(user && { user }) };
    if (socket.recovered && !(await mayGoOn(socket, data, access))) startOver(socket);
    if (!user) delete socket.data.user;
    keepIdentity(socket, data);
  };
}

/**
 * Sets who a socket is, for good: permissions, limits and revocations are judged by it. An app that replaces
 * `socket.data`, or `user` in it, would let the client do everything; it gets a TypeError at its line.
 */
function keepIdentity(socket: TrimaranSocket, data: SocketData): void {
  if (data.user) {
    users.set(socket, data.user);
    Object.freeze(data.user);
    Object.freeze(data.user.documents);
  }
  // Into the object that is there: recovery knows the connection by it.
  for (const [field, value] of Object.entries(data))
    Object.defineProperty(socket.data, field, {
      value,
      enumerable: true,
      writable: false,
      configurable: false,
    });
  Object.defineProperty(socket, "data", { value: socket.data, writable: false, configurable: false });
}

/** What an engine tells of a connection that is in no namespace yet. */
interface EngineConnection {
  remoteAddress?: string;
  request: { headers: Record<string, string | string[] | undefined> };
}

/** From where a connection comes that is in no namespace yet. */
export function createAddressOf(clientAddress: ClientAddress) {
  return (connection: unknown): string => {
    const { remoteAddress, request } = connection as EngineConnection;
    return clientAddress(remoteAddress, forwardedFor(request.headers));
  };
}

/** Counts an attempt to enter for the connection's address, before anything is made for it. */
export function createEntryLimit({
  clientAddress,
  limits,
  log,
}: Pick<AdmissionOptions, "clientAddress" | "limits"> & { log: Logger }) {
  const addressOf = createAddressOf(clientAddress);
  return async (connection: unknown): Promise<Refusal | undefined> => {
    return checkAttempts(limits, { address: addressOf(connection) }).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof Refusal) return error;
        log.error({ err: error }, "an attempt to enter could not be counted");
        return new Refusal("unavailable", "internal error; try again later");
      },
    );
  };
}

function forwardedFor(headers: Record<string, string | string[] | undefined>): string | undefined {
  const value = headers["x-forwarded-for"];
  return Array.isArray(value) ? value.join(",") : value;
}

async function checkAttempts(limits: Limits, who: Who): Promise<void> {
  const { allowed, resetInMs } = await limits.connect(who);
  if (!allowed) throw new Refusal("rate_limited", "too many connections", { retryAfterMs: resetInMs });
}

/** Whether it is the same person, who may still read all that the connection had joined. */
async function mayGoOn(socket: TrimaranSocket, { user }: SocketData, access: Access): Promise<boolean> {
  if (socket.data.user?.id !== user?.id) return false;
  const documents = [...socket.rooms].flatMap((room) => documentOf(room) ?? []);
  const allowed = await Promise.all(documents.map((documentId) => access.may(user, documentId, "read")));
  return allowed.every(Boolean);
}

/** Makes a new connection of a recovered one: it gets nothing of what it missed. */
function startOver(socket: TrimaranSocket): void {
  for (const room of socket.rooms) if (room !== socket.id) void socket.leave(room);
  socket.data = {} as SocketData;
  // The client takes a connection for recovered that has the private id it had.
  Object.assign(socket, { recovered: false, pid: randomUUID() });
}
