import { ClientOfflineError } from "redis";
import { Refusal, errorMessage } from "../util/errors.ts";
import type { RedisAddress } from "../util/redis-url.ts";
import type { Logger } from "../observability/log.ts";
import { createSignal } from "../util/signal.ts";
import { type RedisClient, connectTimeoutMs, createRedisClient } from "./client.ts";
import { DeadlineMissed, withDeadline } from "./deadline.ts";
import { LinkDown, isOfRedis, isServerTrouble, noteSocketError } from "./errors.ts";
import { createFindNode } from "./find-node.ts";

export interface LinkAddress {
  /** Credentials included: never log it. */
  address: RedisAddress;
  /** Who vouches for the server's certificate (PEM), in the place of whom the runtime trusts. */
  ca?: string | undefined;
}

export interface LinkOptions extends LinkAddress {
  log: Logger;
  /** A key of this deployment, for a cluster to say which node has it. */
  key: string;
  /** The end-to-end check; a rejection by Redis or the transport means that Redis can't be relied on. */
  probe: (client: RedisClient) => Promise<unknown>;
  /** Called for every command that an event waited for until its deadline. */
  onDeadlineMissed: () => void;
}

export type { RedisClient };

/** The one judge of whether Redis can be relied on. Everyone else asks it; nobody else guesses. */
export type RedisLink = ReturnType<typeof createLink>;

/** No event waits longer than this for Redis, however slow the way to it. */
export const deadlineMs = 250;
/** What reads of unbounded size may take. */
export const largeReadMs = 2000;
/**
 * On a quick way to Redis a hang is taken for one after so many round trips, and this at least. People must
 * not notice it (50 ms); but the shorter it is, the more often a busy machine's pause is taken for a hang.
 */
const minDeadlineMs = 30;
const deadlineRoundTrips = 8;
const probeEveryMs = 500;
/** Sentinel, or the cluster, is asked so often where the data is while all is well; otherwise with every probe. */
const findEveryMs = 2000;
const probeDeadlineMs = 500;
/** A connection that is silent for so long is given up: half-open, or a hang. */
const silenceMs = 800;

interface Dedicated {
  client: RedisClient;
  generation: number;
  onOpen: (opened: RedisClient) => void;
}

/**
 * A supervised connection to Redis.
 *
 * `up` only while a probe through the whole command path has succeeded and no command has missed its
 * deadline or come back with an error that speaks of the server. After the first miss nothing waits:
 * `run` refuses at once until a probe succeeds again.
 */
export function createLink({ address, ca, log, key, probe, onDeadlineMissed }: LinkOptions) {
  const findNode = createFindNode({ address, ca, key });
  /** Undefined until Sentinel or the cluster said which node it is. */
  let url = address.kind === "node" ? address.url : undefined;
  let finding = false;
  let foundAt = -Infinity;
  const mistake = (message: string) => (err: unknown) => log.error({ err }, message);
  const changed = createSignal<boolean>(mistake("what follows a change of Redis' state failed"));
  const dedicated = new Set<Dedicated>();
  let client = open(true);
  /** Counts the connections that broke: what was opened before the latest may be broken too. */
  let generation = 0;
  const firstWord = new Promise((resolve) => client.once("ready", resolve).once("error", resolve));
  let up = false;
  let closed = false;
  let started = false;
  let lastError = "not connected yet";
  let roundTripMs: number | undefined;
  /** When the other end was last heard of, even if only to refuse. */
  let heardAt = performance.now();
  let checking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function open(failFast: boolean): RedisClient {
    // Seldom enough that an outage costs next to nothing, often enough that its end is noticed.
    const opened = createRedisClient({ url, ca, failFast, retryMs: failFast ? 300 : 700 });
    // Without a listener the first error would end the process.
    opened.on("error", (error: unknown) => {
      noteSocketError(error);
      if (opened !== client) return;
      lastError = errorMessage(error);
      heardAt = performance.now();
      generation += 1;
      setUp(false);
    });
    opened.on("ready", () => {
      if (opened === client && started) void check();
    });
    if (url !== undefined) opened.connect().catch(() => undefined);
    return opened;
  }

  function setUp(now: boolean): void {
    if (up === now || closed) return;
    up = now;
    if (up) renewDedicated();
    changed.emit(up);
    // Not at the next tick of the clock: most of what looks like an outage is over in a moment.
    if (!up) void check();
  }

  /** Probes take place one at a time; a probe that is asked for during one is that one. */
  function check(): Promise<void> {
    checking ??= probeOnce().finally(() => {
      checking = undefined;
      clearTimeout(timer);
      if (!closed) timer = setTimeout(check, probeEveryMs);
    });
    return checking;
  }

  /** Another node may have the data by now: after a failover the old one may even answer still. */
  async function followNode(): Promise<void> {
    const isDue = performance.now() - foundAt > (up ? findEveryMs : 0);
    if (address.kind === "node" || finding || !isDue) return;
    finding = true;
    const found = await findNode().finally(() => (finding = false));
    foundAt = performance.now();
    if (closed || found === undefined || found === url) {
      if (url === undefined) lastError = `no ${address.kind} node knows where the data is`;
      return;
    }
    if (url !== undefined) log.warn("another node has the data now, connecting to it");
    url = found;
    replaceClient();
    // What was under way went to the old one.
    setUp(false);
  }

  /** What is wrong here says nothing about Redis, which is asked for that alone. */
  async function probeRedis(probed: RedisClient): Promise<void> {
    try {
      await probe(probed);
    } catch (error) {
      if (isOfRedis(error)) throw error;
      mistake("this replica's check of Redis failed by a mistake of its own")(error);
      await probed.ping();
    }
  }

  async function probeOnce(): Promise<void> {
    const startedAt = performance.now();
    const following = followNode().catch(mistake("the node that has the data can't be used"));
    if (url === undefined) await following;
    // Nobody to probe, and the reason for it is known.
    if (url === undefined) return;
    const probed = client;
    try {
      await withDeadline(probeRedis(probed), probeDeadlineMs);
      // Another took its place meanwhile, of which this says nothing.
      if (probed !== client) return;
      heardAt = performance.now();
      const took = heardAt - startedAt;
      roundTripMs = roundTripMs === undefined ? took : roundTripMs * 0.7 + took * 0.3;
      setUp(true);
    } catch (error) {
      // Says less than what the connection failed with.
      if (!(error instanceof ClientOfflineError)) lastError = errorMessage(error);
      if (performance.now() - heardAt > silenceMs) {
        log.debug("the connection to Redis is silent, opening another");
        replaceClient();
      }
      setUp(false);
    }
  }

  /** Our own probes count as activity, so the socket's timeout would never find it dead. */
  function replaceClient(): void {
    const silent = client;
    client = open(true);
    heardAt = performance.now();
    generation += 1;
    silent.destroy();
  }

  /** Their own timeouts would find out later, and everyone waits for what they read. */
  function renewDedicated(): void {
    for (const each of dedicated) {
      if (each.generation === generation) continue;
      each.generation = generation;
      each.client.destroy();
      each.client = open(false);
      each.onOpen(each.client);
    }
  }

  async function untilDown<T>(work: Promise<T>): Promise<T> {
    let stop = () => {};
    const down = new Promise<never>((_, reject) => {
      stop = changed.on((isUp) => {
        if (!isUp) reject(new LinkDown(lastError));
      });
    });
    return Promise.race([work, down]).finally(stop);
  }

  /** Some round trips, as long as that is not more than anybody may wait. */
  function currentDeadlineMs(): number {
    if (roundTripMs === undefined) return deadlineMs;
    return Math.min(deadlineMs, Math.max(minDeadlineMs, deadlineRoundTrips * roundTripMs));
  }

  return {
    isUp: () => up,
    isClosed: () => closed,
    /** Told `true` or `false` at every change, however short. */
    onChange: changed.on,
    status: () => ({
      up,
      lastError: up ? undefined : lastError,
      roundTripMs: up ? roundTripMs : undefined,
    }),

    /** Resolves after the first probe, whatever its outcome. */
    async start(): Promise<void> {
      // Connected and refused are answers; silence until the deadline is one, too, which `check` below puts into words.
      if (url !== undefined) await withDeadline(firstWord, connectTimeoutMs).catch(() => undefined);
      started = true;
      // Sentinels that hang, one after the other, must not keep the server from starting.
      await withDeadline(check(), connectTimeoutMs).catch(() => undefined);
    },

    /**
     * Runs commands on the shared client, within the deadline.
     * @param withinMs more than the usual, for what takes its time even with a healthy Redis: large
     * replies. Nobody waits that long for one that hangs: the link goes down, and this with it.
     * @throws {Refusal} `unavailable` at once while the link is down, or when the deadline passes; what is neither
     * Redis' nor the transport's as it is, logged as a mistake.
     */
    async run<T>(
      commands: (client: RedisClient) => Promise<T>,
      withinMs: number = currentDeadlineMs(),
    ): Promise<T> {
      if (!up) throw new Refusal("unavailable", "Redis is away");
      try {
        // All that is under way fails together, so that nothing of it overtakes anything else.
        return await untilDown(withDeadline(commands(client), withinMs));
      } catch (error) {
        if (!isOfRedis(error)) {
          mistake("work for Redis failed by a mistake in it")(error);
          throw error;
        }
        if (error instanceof DeadlineMissed) onDeadlineMissed();
        if (isServerTrouble(error)) {
          lastError = errorMessage(error);
          setUp(false);
        }
        throw new Refusal("unavailable", "Redis did not do it", { cause: error });
      }
    },

    /**
     * A connection of its own, for a reader that blocks or subscribes. It reconnects for ever, and is
     * replaced by a new one when the link is back after a connection broke.
     * @param onOpen told of every new one.
     * @returns the current one, whenever it is asked.
     */
    dedicated(onOpen: (opened: RedisClient) => void = () => {}): () => RedisClient {
      const own: Dedicated = { client: open(false), generation, onOpen };
      dedicated.add(own);
      onOpen(own.client);
      return () => own.client;
    },

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
      client.destroy();
      for (const each of dedicated) each.client.destroy();
    },
  };
}
