import type { Namespace } from "socket.io";
import type { RecentEvents } from "../delivery/recent-events.ts";
import { type History, type Recovery, type RecoveryOutcome, isRecoverable } from "../delivery/recovery.ts";
import type { Logger } from "../observability/log.ts";
import { attachRecovery } from "./attach-recovery.ts";
import { createBackfill } from "./history-loader.ts";
import type { InFlight } from "./pending-broadcasts.ts";
import { type RedisLink, largeReadMs } from "./connection-supervisor.ts";
import type { ReportMalformed } from "./malformed.ts";
import type { PacketOf, StreamsAdapter } from "./ordered-delivery.ts";
import type { Publisher } from "./publisher.ts";
import { createRedisSessions } from "./sessions.ts";
import { isAfter } from "./stream-id.ts";
import type { StreamReader } from "./stream-reader.ts";

export interface StreamRecoveryOptions {
  adapter: StreamsAdapter;
  namespace: Namespace;
  link: RedisLink;
  prefix: string;
  recent: RecentEvents;
  reader: StreamReader;
  publisher: Publisher;
  inFlight: InFlight<PacketOf>;
  maxStreamEntries: number;
  recoveryWindowMs: number;
  selfHealing: ReadonlySet<string>;
  isServerEvent: (event: string, payload: unknown, namespace: string) => boolean;
  onMalformed: ReportMalformed;
  answersSoon: () => Promise<boolean>;
  onRecovery: (outcome: RecoveryOutcome) => void;
  log: Logger;
}

/** Exact recovery over the stream: sessions in Redis, and offsets that are its entries' ids. */
export function recoverFromStream(options: StreamRecoveryOptions): Recovery {
  const { adapter, namespace, recent, reader, publisher, inFlight, selfHealing } = options;
  const refreshEveryMs = options.recoveryWindowMs / 4;
  const ttlMs = options.recoveryWindowMs + refreshEveryMs * 2;
  const backfill = createBackfill({
    recent,
    reader,
    maxEntries: options.maxStreamEntries,
    namespace: namespace.name,
    selfHealing,
    isServerEvent: options.isServerEvent,
  });

  const history: History = {
    recent,
    // Ahead of what was read here, a client would get once more what it had on another replica. A replica that
    // has just started, or is busy, may be behind: whoever comes back would rather wait than start over.
    cover: async (offset) => (await reader.reaches(offset, largeReadMs)) && backfill(offset),
    isCovered(offset) {
      const position = reader.position();
      return (
        position !== undefined &&
        !isAfter(offset, position) &&
        recent.covers(offset) &&
        // What an earlier process of this replica kept is not delivered here when it is read.
        !publisher.hasInheritedAfter(position) &&
        inFlight.early() !== undefined
      );
    },
    early: () =>
      (inFlight.early() ?? []).flatMap(({ packet: packetOf, options: { rooms, except, flags } }) => {
        const packet = packetOf();
        return isRecoverable(packet, { rooms, flags: flags ?? {} }) &&
          !selfHealing.has(String(packet.data[0]))
          ? { rooms: [...rooms], except: [...(except ?? [])], args: packet.data }
          : [];
      }),
  };
  return attachRecovery({
    namespace,
    adapter,
    history,
    sessions: createRedisSessions({ ...options, ttlMs }),
    refreshEveryMs,
    onOutcome: options.onRecovery,
    log: options.log,
  });
}
