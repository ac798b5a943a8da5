import { randomBytes } from "node:crypto";
import { createPasswordCheck } from "../auth/password-check.ts";
import type { Limits } from "../limits/limits.ts";
import type { ClientAddress } from "../util/client-address.ts";
import { adminNamespace } from "../contract/names.ts";
import { Refusal } from "../util/errors.ts";
import type { PlatformServer } from "./socket.ts";

export interface AdminUiConfig {
  username: string;
  /** By bcrypt. */
  passwordHash: string;
}

export interface AdminUiOptions extends AdminUiConfig {
  limits: Limits;
  clientAddress: ClientAddress;
  nodeId: string;
  /** Told of every password that is compared with the hash. */
  onPasswordCheck: () => void;
}

/** Of the Admin UI. What it answers one socket goes through the stream, too. */
const adminPushes: ReadonlySet<string> = new Set(["server_stats", "session", "config"]);

/** Whether this is what the Admin UI of another replica sends. */
export function isAdminPush(push: string, namespace: string): boolean {
  return namespace === adminNamespace && adminPushes.has(push);
}

/** The page comes back with the session it was given, without the password. The oldest are forgotten first. */
const maxSessions = 1000;

/**
 * The server's side of Socket.IO's Admin UI: figures of all replicas, every two seconds, for whoever has the password.
 * It looks and does not touch (`readonly`), and counts every packet, which costs a busy server some of its speed.
 */
export async function attachAdminUi(io: PlatformServer, options: AdminUiOptions): Promise<void> {
  const { limits, clientAddress } = options;
  const [{ instrument }, { default: bcrypt }] = await Promise.all([
    import("@socket.io/admin-ui"),
    import("bcryptjs"),
  ]);
  const isPassword = createPasswordCheck({
    ...options,
    compare: (password, hash) => bcrypt.compare(password, hash),
    onCompare: options.onPasswordCheck,
  });
  const sessions = new Set<string>();

  /** The door has counted the attempt already. @throws {Refusal} when it may not come in. */
  async function admit(auth: Record<string, unknown>, address: string): Promise<string | undefined> {
    const { username, password, sessionId } = auth;
    if (typeof sessionId === "string" && sessions.has(sessionId)) return undefined;
    if (typeof username !== "string" || typeof password !== "string")
      throw new Refusal("unauthorized", "invalid credentials");
    if (!(await limits.password({ address })).allowed) throw new Refusal("rate_limited", "too many attempts");
    if (!(await isPassword(username, password))) throw new Refusal("unauthorized", "invalid credentials");
    const session = randomBytes(16).toString("hex");
    sessions.add(session);
    for (const oldest of sessions) if (sessions.size > maxSessions) sessions.delete(oldest);
    return session;
  }

  io.of(adminNamespace).use((socket, next) => {
    const { auth, address, headers } = socket.handshake;
    const forwardedFor = headers["x-forwarded-for"];
    const forwarded = Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor;
    admit(auth, clientAddress(address, forwarded)).then(
      (session) => {
        // An event of the Admin UI's own, by which the page learns its session.
        const { emit } = socket as unknown as { emit: (event: string, session: string) => void };
        if (session !== undefined) emit.call(socket, "session", session);
        next();
      },
      (error: unknown) => next(error instanceof Refusal ? error : new Error("try again later")),
    );
  });
  instrument(io as never, {
    namespaceName: adminNamespace,
    // Its own check comes after ours, would compare any number of passwords at once, end the process over one that
    // is no string, and keep sessions for ever.
    auth: false,
    // Without it every event of everybody would be sent to the page, content included.
    mode: "production",
    readonly: true,
    serverId: options.nodeId,
  });
}
