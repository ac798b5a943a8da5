import { createClient } from "redis";

export const connectTimeoutMs = 1000;

export type RedisClient = ReturnType<typeof createRedisClient>;

export interface RedisClientOptions {
  /** Undefined while nobody knows: the client is then not to be connected. */
  url: string | undefined;
  ca: string | undefined;
  /** Whether commands fail at once while it is not connected, or wait. */
  failFast: boolean;
  retryMs: number;
}

/** The official client, with what it takes to notice an outage soon and never to give up. */
export function createRedisClient({ url, ca, failFast, retryMs }: RedisClientOptions) {
  return createClient({
    ...(url !== undefined && { url }),
    disableOfflineQueue: failFast,
    // Deadlines are this file's; the client's own cost a timer and an exception for every command.
    ...(failFast && { commandOptions: { timeout: 0 } }),
    // Its name in CLIENT LIST is worth no right more for the ACL user.
    disableClientInfo: true,
    pingInterval: 500,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: connectTimeoutMs,
      socketTimeout: 1300,
      ...(ca !== undefined && { tls: true, ca }),
      // The default strategy gives up for good after a socket timeout.
      reconnectStrategy: () => retryMs * (1 + Math.random() / 2),
    },
  });
}
