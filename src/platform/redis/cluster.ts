import { setImmediate } from "node:timers/promises";
import type { Namespace } from "socket.io";
import type { RecoveryOutcome } from "../delivery/recovery.ts";
import type { SharedRevocations } from "../auth/revocations.ts";
import type { LimitStore } from "../limits/limiter.ts";
import type { QuotaStore } from "../limits/quota.ts";
import type { FanOut } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { createStreamsAdapter } from "./adapter.ts";
import { createAvailability } from "./availability.ts";
import { createRedisClock } from "./clock.ts";
import { createDataLossDetector } from "./data-loss-detector.ts";
import { createRedisLimitStore } from "./limit-store.ts";
import { createQuotaStore } from "./quota-store.ts";
import { createSignal } from "../util/signal.ts";
import { type LinkAddress, type RedisLink, createLink } from "./connection-supervisor.ts";
import { type MalformedSource, type ReportMalformed, createMalformed } from "./malformed.ts";
import type { DeliveryMeasures } from "./ordered-delivery.ts";
import type { OutboxOptions } from "./publisher.ts";
import { type Replica, createReplicas } from "./replicas.ts";
import { createRevocationStore } from "./revocation-store.ts";
import { untilDone } from "./until-done.ts";

export interface ClusterOptions extends LinkAddress {
  prefix: string;
  log: Logger;
  fanOut: FanOut;
  /** Whether clients may be sent this, which another replica published. */
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  /** Told of everything in Redis that is not what a replica writes there. */
  onMalformed: (source: MalformedSource) => void;
  selfHealing: ReadonlySet<string>;
  recoveryWindowMs: number;
  recent: { maxEvents: number; maxBytes: number };
  outbox: OutboxOptions;
  /** Told of every event that was delivered here before its turn in the stream. */
  onEarly: () => void;
  /** Called for every command to Redis that was given up at its deadline. */
  onDeadlineMissed: () => void;
  onRecovery: (outcome: RecoveryOutcome) => void;
  measure: DeliveryMeasures;
}

/** What another replica sent to a room. */
export interface RemoteEvent {
  event: string;
  payload: unknown;
}

/** What features use of Redis. Each listener returns what stops it. */
export interface SharedServices {
  link: RedisLink;
  /** Before every key and channel. */
  prefix: string;
  /** Whether Redis answers, waiting out a pause of a moment. */
  answersSoon: () => Promise<boolean>;
  /** For what Redis holds that is not what a replica writes there. */
  onMalformed: ReportMalformed;
  /** Data was lost from Redis: replicas bring back what they have. */
  reportLoss: () => void;
  /**
   * Called when Redis is up: at the start, after each outage, and after it lost its data. `briefly`: it was down for a
   * moment only, and surely has its data. A listener that returns a promise is not called again before that is settled;
   * if it rejects, the listener is called again after a second, until it succeeds.
   */
  onReturn: (listener: (briefly: boolean) => void | Promise<void>) => () => void;
  /** Called when pushes of other replicas may have been missed. */
  onGap: (listener: () => void) => () => void;
  /** Called for every push that another replica published. `rooms.onRemote` has those of one contract, with their types. */
  onRemote: (listener: (event: RemoteEvent) => void) => () => void;
}

export interface Cluster {
  adapter: (namespace: Namespace) => ReturnType<ReturnType<typeof createStreamsAdapter>["adapter"]>;
  shared: SharedServices;
  limits: (name: string) => LimitStore;
  held: (name: string) => QuotaStore;
  revocations: SharedRevocations;
  offset: () => string | undefined;
  stats: () => { outbox: { entries: number; bytes: number } };
  isThere: () => boolean;
  status: () => { up: boolean; lastError: string | undefined; roundTripMs: number | undefined };
  onChange: (listener: (up: boolean) => void) => () => void;
  /** Told when clients should get a new offset. */
  onSettled: (listener: () => void) => () => void;
  replicas: () => Promise<Replica[]>;
  /**
   * Resolves after the first probe, whatever its outcome.
   * @param self what this replica tells the others of itself.
   */
  start: (self: () => Replica) => Promise<void>;
  /** Last of all: everything else may still need Redis while it stops. */
  close: () => Promise<void>;
}

const onceWindowMs = 10 * 60_000;

/** Everything that knows Redis, around one supervised link. */
export function createCluster(options: ClusterOptions): Cluster {
  const { address, ca, prefix, log } = options;
  const onMalformed = createMalformed(log, options.onMalformed);
  const onError = (error: unknown) =>
    log.error({ err: error }, "a listener of the connection to Redis failed");
  const returned = createSignal<boolean>(onError);
  const gap = createSignal<void>(onError);
  const remote = createSignal<RemoteEvent>(onError);
  const settled = createSignal<void>(onError);
  const replicas = createReplicas(prefix, onMalformed);
  const epoch = createDataLossDetector(
    prefix,
    () => {
      log.warn("Redis lost its data; writing to it what this replica has");
      streams.saveSessions();
      returned.emit(false);
      // Events may have been lost with the rest; this brings the documents back, too.
      gap.emit();
    },
    onMalformed,
  );
  const clock = createRedisClock();
  const link = createLink({
    address,
    ca,
    log,
    key: `${prefix}events`,
    onDeadlineMissed: options.onDeadlineMissed,
    probe: (client) =>
      Promise.all([
        replicas.announce(client),
        epoch.check(client),
        revocations.check(client),
        clock.check(client),
      ]),
  });
  const revocations = createRevocationStore(link, prefix, onMalformed);
  const streams = createStreamsAdapter({
    ...options,
    onMalformed,
    link,
    clock,
    maxStreamEntries: 10_000,
    onceWindowMs,
    answersSoon: () => availability.answersSoon(),
    onGap: gap.emit,
    onSettled: settled.emit,
    onRemoteEvent: (event, payload) => remote.emit({ event, payload }),
  });
  // Registered before the availability, which therefore still tells whether anybody noticed.
  link.onChange((up) => {
    if (up) returned.emit(availability.isThere());
  });
  const availability = createAvailability(link, log);

  return {
    adapter: streams.adapter,
    shared: {
      link,
      prefix,
      answersSoon: availability.answersSoon,
      onMalformed,
      reportLoss: () => returned.emit(false),
      onReturn(listener) {
        const { start, stop } = untilDone(listener, link, log);
        const off = returned.on(start);
        return () => {
          off();
          stop();
        };
      },
      onGap: gap.on,
      onRemote: remote.on,
    },
    limits: (name) => createRedisLimitStore(link, prefix + name, onMalformed),
    held: (name) => createQuotaStore(link, `${prefix}held:${name}`),
    revocations,
    offset: streams.offset,
    stats: streams.stats,
    isThere: availability.isThere,
    status: link.status,
    onChange: availability.onChange,
    onSettled: settled.on,
    replicas: () => replicas.list(link),
    async start(self) {
      replicas.startAs(self);
      await link.start();
      if (!link.isUp()) availability.tellAway();
    },
    async close() {
      await replicas.withdraw(link);
      // A client of the `redis` package that was created in this turn connects in the next, and is destroyed only then.
      await setImmediate();
      streams.close();
      availability.close();
      link.close();
    },
  };
}
