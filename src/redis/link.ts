import { createClient } from "redis";
import { Refusal, errorMessage } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import { createSignal } from "../shared/signal.ts";

export interface LinkOptions {
  url: string;
  log: Logger;
  /** The end-to-end check; whatever it rejects with means that Redis can't be relied on. */
  probe: (client: RedisClient) => Promise<unknown>;
}

export type RedisClient = ReturnType<typeof connect>;

/** The one judge of whether Redis can be relied on. Everyone else asks it; nobody else guesses. */
export type RedisLink = ReturnType<typeof createLink>;

/** No event waits longer than this for Redis. */
export const deadlineMs = 250;
const probeEveryMs = 500;
const connectTimeoutMs = 1000;
/** A connection that is silent for so long while pings are due is torn down: half-open, or a hang. */
const socketTimeoutMs = 2000;

function connect(url: string, disableOfflineQueue: boolean) {
  return createClient({
    url,
    disableOfflineQueue,
    pingInterval: 500,
    maintNotifications: "disabled",
    socket: {
      connectTimeout: connectTimeoutMs,
      socketTimeout: socketTimeoutMs,
      // The default strategy gives up for good after a socket timeout.
      reconnectStrategy: () => 100 + Math.random() * 150,
    },
  });
}

/**
 * A supervised connection to Redis.
 *
 * `up` only while a probe through the whole command path has succeeded and no command has missed its
 * deadline or come back with an error that speaks of the server. After the first miss nothing waits:
 * `run` refuses at once until a probe succeeds again.
 */
export function createLink({ url, log, probe }: LinkOptions) {
  const changed = createSignal<boolean>();
  const clients = new Set<RedisClient>();
  const client = open(true);
  const firstWord = new Promise((resolve) => client.once("ready", resolve).once("error", resolve));
  let up = false;
  let closed = false;
  let lastError = "not connected yet";
  let roundTripMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function open(failFast: boolean): RedisClient {
    const opened = connect(url, failFast);
    // Without a listener the first error would end the process.
    opened.on("error", (error: unknown) => {
      lastError = errorMessage(error);
      if (opened === client) setUp(false);
    });
    opened.connect().catch(() => undefined);
    clients.add(opened);
    return opened;
  }

  function setUp(now: boolean): void {
    if (up === now || closed) return;
    up = now;
    if (up) log.info("Redis answers");
    else log.warn({ reason: lastError }, "Redis does not answer, going on without it");
    changed.emit(up);
  }

  async function check(): Promise<void> {
    const startedAt = performance.now();
    try {
      await withDeadline(probe(client), deadlineMs * 2);
      roundTripMs = performance.now() - startedAt;
      setUp(true);
    } catch (error) {
      lastError = errorMessage(error);
      setUp(false);
    }
    clearTimeout(timer);
    if (!closed) timer = setTimeout(check, probeEveryMs);
  }

  return {
    isUp: () => up,
    /** Told `true` or `false` at every change. */
    onChange: changed.on,
    status: () => ({ up, lastError: up ? undefined : lastError, roundTripMs: up ? roundTripMs : undefined }),

    /** Resolves after the first probe, whatever its outcome. */
    async start(): Promise<void> {
      // Connected, refused or silent: any of them is an answer.
      await withDeadline(firstWord, connectTimeoutMs).catch(() => undefined);
      await check();
      // From now on a connection that is back is probed at once.
      client.on("ready", () => void check());
    },

    /**
     * Runs commands on the shared client, within the deadline.
     * @throws {Refusal} `unavailable` at once while the link is down, or when the deadline passes.
     */
    async run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
      if (!up) throw new Refusal("unavailable", "Redis is away");
      try {
        return await withDeadline(commands(client), deadlineMs);
      } catch (error) {
        if (isServerTrouble(error)) {
          lastError = errorMessage(error);
          setUp(false);
        }
        throw new Refusal("unavailable", "Redis did not do it", { cause: error });
      }
    },

    /** A connection of its own, for a reader that blocks or subscribes. It reconnects for ever. */
    dedicated: () => open(false),

    /** Resolves when the link is up, or when it is closed. */
    async whenUp(): Promise<void> {
      if (up || closed) return;
      await new Promise<void>((resolve) => {
        const stop = changed.on(() => {
          stop();
          resolve();
        });
      });
    },

    close(): void {
      if (closed) return;
      closed = true;
      up = false;
      clearTimeout(timer);
      changed.emit(false);
      for (const each of clients) each.destroy();
    },
  };
}

class DeadlineMissed extends Error {}

async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const missed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineMissed(`no answer within ${ms} ms`)), ms);
  });
  // Whatever becomes of the work after the deadline, somebody listens.
  work.catch(() => undefined);
  return Promise.race([work, missed]).finally(() => clearTimeout(timer));
}

/** Errors about one key or script say nothing about the server; all others do. */
function isServerTrouble(error: unknown): boolean {
  return !/^(WRONGTYPE|NOSCRIPT|ERR|EXECABORT|BUSYKEY|INVALID)/.test(errorMessage(error));
}
