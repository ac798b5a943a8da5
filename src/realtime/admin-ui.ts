import type { Limits } from "../limits/limits.ts";
import type { ClientAddress } from "../shared/client-address.ts";
import { adminNamespace } from "./server-events.ts";
import type { TrimaranServer } from "./server.ts";

export interface AdminUiConfig {
  username: string;
  /** By bcrypt. */
  passwordHash: string;
}

export interface AdminUiOptions extends AdminUiConfig {
  limits: Limits;
  clientAddress: ClientAddress;
  nodeId: string;
}

/**
 * The server's side of Socket.IO's Admin UI: figures of all replicas, every two seconds, for whoever has the password.
 * It looks and does not touch (`readonly`), and counts every packet, which costs a busy server some of its speed.
 */
export async function attachAdminUi(io: TrimaranServer, options: AdminUiOptions): Promise<void> {
  const { limits, clientAddress } = options;
  const { instrument } = await import("@socket.io/admin-ui");
  const namespace = io.of(adminNamespace);
  // First of all: its own check would end the process over a password that is no string, and guess for ever.
  namespace.use((socket, next) => {
    const { auth, address, headers } = socket.handshake;
    const forwardedFor = headers["x-forwarded-for"];
    const forwarded = Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor;
    const hasShape = ["username", "password", "sessionId"].every((key) =>
      ["string", "undefined"].includes(typeof auth[key]),
    );
    if (!hasShape || (auth["sessionId"] === undefined && typeof auth["password"] !== "string"))
      return next(new Error("invalid credentials"));
    if (typeof auth["password"] !== "string") auth["password"] = "";
    limits.connect({ address: clientAddress(address, forwarded) }).then(
      ({ allowed }) => next(allowed ? undefined : new Error("too many attempts")),
      () => next(new Error("try again later")),
    );
  });
  instrument(io as never, {
    namespaceName: adminNamespace,
    auth: { type: "basic", username: options.username, password: options.passwordHash },
    // Without it every event of everybody would be sent to the page, content included.
    mode: "production",
    readonly: true,
    serverId: options.nodeId,
  });
}
