import type { Namespace } from "socket.io";
import type { RecoveryOutcome } from "../delivery/recovery.ts";
import type { SharedStore } from "../documents/stores.ts";
import type { SharedRevocations } from "../auth/revocations.ts";
import type { LimitStore } from "../limits/limiter.ts";
import type { HeldStore } from "../limits/quota.ts";
import type { FanOut } from "../shared/fan-out.ts";
import type { Logger } from "../shared/log.ts";
import { createStreamsAdapter } from "./adapter.ts";
import { createAvailability } from "./availability.ts";
import { createRedisDocumentStore } from "./document-store.ts";
import { createRedisClock } from "./clock.ts";
import { createEpoch } from "./epoch.ts";
import { createRedisLimitStore } from "./limit-store.ts";
import { createHeldStore } from "./held-store.ts";
import { type LinkAddress, createLink } from "./link.ts";
import { type MalformedSource, createMalformed } from "./malformed.ts";
import type { DeliveryMeasures } from "./ordered-delivery.ts";
import type { OutboxOptions } from "./publisher.ts";
import { type Replica, createReplicas } from "./replicas.ts";
import { createRevocationStore } from "./revocation-store.ts";

export interface ClusterOptions extends LinkAddress {
  prefix: string;
  log: Logger;
  /** What this replica tells the others of itself. */
  self: () => Replica;
  fanOut: FanOut;
  /** Whether clients may be sent this, which another replica published. */
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  /** Told of everything in Redis that is not what a replica writes there. */
  onMalformed: (source: MalformedSource) => void;
  onRemoteEvent: (event: string, payload: unknown) => void;
  selfHealing: ReadonlySet<string>;
  recoveryWindowMs: number;
  recent: { maxEvents: number; maxBytes: number };
  outbox: OutboxOptions;
  /** Told when Redis is back: `briefly` if it was away for a moment only, and surely has its data. */
  onReturn: (briefly: boolean) => void;
  /** Told when events of other replicas may have been missed. */
  onGap: () => void;
  /** Told of every event that was delivered here before its turn in the stream. */
  onEarly: () => void;
  /** Called for every command to Redis that was given up at its deadline. */
  onDeadlineMissed: () => void;
  /** Told when clients should get a new offset. */
  onSettled: () => void;
  onRecovery: (outcome: RecoveryOutcome) => void;
  measure: DeliveryMeasures;
}

export interface Cluster {
  adapter: (namespace: Namespace) => ReturnType<ReturnType<typeof createStreamsAdapter>["adapter"]>;
  documents: SharedStore;
  limits: (name: string) => LimitStore;
  held: (name: string) => HeldStore;
  revocations: SharedRevocations;
  offset: () => string | undefined;
  stats: () => { outbox: { entries: number; bytes: number } };
  isThere: () => boolean;
  status: () => { up: boolean; lastError: string | undefined; roundTripMs: number | undefined };
  onChange: (listener: (up: boolean) => void) => () => void;
  replicas: () => Promise<Replica[]>;
  /** Resolves after the first probe, whatever its outcome. */
  start: () => Promise<void>;
  /** Last of all: everything else may still need Redis while it stops. */
  close: () => Promise<void>;
}

const onceWindowMs = 10 * 60_000;

/** Everything that knows Redis, around one supervised link. */
export function createCluster(options: ClusterOptions): Cluster {
  const { address, ca, prefix, log } = options;
  const onMalformed = createMalformed(log, options.onMalformed);
  const replicas = createReplicas(prefix, options.self, onMalformed);
  const epoch = createEpoch(
    prefix,
    () => {
      log.warn("Redis lost its data, bringing back what is here");
      streams.saveSessions();
      // Events may have been lost with the rest; this brings the documents back, too.
      options.onGap();
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
  });
  // Registered before the availability, which therefore still tells whether anybody noticed.
  link.onChange((up) => {
    if (up) options.onReturn(availability.isThere());
  });
  const availability = createAvailability(link, log);

  return {
    adapter: streams.adapter,
    documents: createRedisDocumentStore({
      link,
      prefix,
      answersSoon: availability.answersSoon,
      onMalformed,
      onLost: () => options.onReturn(false),
    }),
    limits: (name) => createRedisLimitStore(link, prefix + name, onMalformed),
    held: (name) => createHeldStore(link, `${prefix}held:${name}`),
    revocations,
    offset: streams.offset,
    stats: streams.stats,
    isThere: availability.isThere,
    status: link.status,
    onChange: availability.onChange,
    replicas: () => replicas.list(link),
    async start() {
      await link.start();
      if (!link.isUp()) availability.tellAway();
    },
    async close() {
      await replicas.withdraw(link);
      streams.close();
      availability.close();
      link.close();
    },
  };
}
