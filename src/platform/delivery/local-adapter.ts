import type { Namespace } from "socket.io";
import { Adapter, type BroadcastOptions } from "socket.io-adapter";
import type { OnceKeys } from "./once-keys.ts";
import { createRecentEvents } from "./recent-events.ts";
import { checkEventName, refuseMistakes } from "./mistakes.ts";
import type { FanOut, Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { type RecoveryOutcome, attachRecovery, isRecoverable } from "./recovery.ts";
import { createMemorySessions } from "./sessions.ts";

export interface LocalAdapterOptions {
  /** Events that clients make up for by themselves, and so are not kept for those who were away. */
  selfHealing: ReadonlySet<string>;
  maxEvents: number;
  maxBytes: number;
  recoveryWindowMs: number;
  onceKeys: OnceKeys;
  fanOut: FanOut;
  onRecovery?: (outcome: RecoveryOutcome) => void;
  log: Logger;
}

/** `once`: the key of what may be delivered once. */
type Flags = BroadcastOptions["flags"] & { once?: string };

/** The adapter of `single` mode: rooms in memory, with the same exact recovery as in a cluster. */
export function createLocalAdapter(options: LocalAdapterOptions) {
  const { selfHealing, maxEvents, maxBytes, recoveryWindowMs, onceKeys, fanOut, log } = options;
  // As in a stream: milliseconds, then a number. Those of an earlier process come before `start`.
  const startedAt = Date.now();
  const numberOf = (offset: string) => Number(offset.split("-")[1]);
  const isThisProcess = (offset: string) => offset.startsWith(`${startedAt}-`);
  let count = 0;
  const stores: ReturnType<typeof createMemorySessions>[] = [];

  const eventOf = ({ data }: Packet, { rooms, except = new Set() }: BroadcastOptions) => ({
    offset: `${startedAt}-${(count += 1)}`,
    rooms: [...rooms],
    except: [...except],
    args: data.slice(),
  });

  return {
    /** Sessions that are kept, of all namespaces. */
    sessions: () => stores.reduce((sum, store) => sum + store.size(), 0),
    offset: () => `${startedAt}-${count}`,
    // A function, not an arrow: Socket.IO calls it with `new`.
    adapter: function (namespace: Namespace) {
      const adapter = new Adapter(namespace);
      const recent = createRecentEvents({
        isAfter: (a, b) => isThisProcess(a) && (!isThisProcess(b) || numberOf(a) > numberOf(b)),
        maxEvents,
        maxBytes,
      });
      recent.startAt(`${startedAt}-${count}`);
      const isCovered = (offset: string) => isThisProcess(offset) && recent.covers(offset);
      const sessions = createMemorySessions(recoveryWindowMs * 2);
      stores.push(sessions);
      const recovery = attachRecovery({
        namespace,
        adapter,
        recent,
        sessions,
        cover: async (offset) => isCovered(offset),
        isCovered,
        refreshEveryMs: recoveryWindowMs / 2,
        ...(options.onRecovery && { onOutcome: options.onRecovery }),
        log,
      });
      // What it throws, whoever sends is told at once: of a promise nobody but `broadcastToRoom` looks at.
      adapter.broadcast = (packet: Packet, broadcast: BroadcastOptions) => {
        const { once } = (broadcast.flags ?? {}) as Flags;
        // Kept before it is delivered: killed between the two, it is lost to clients that are told so
        // (`recovered: false`), and not doubled for those who are told nothing.
        if (once !== undefined && !onceKeys.claim(once)) return Promise.resolve(true);
        const event =
          isRecoverable(packet, broadcast) &&
          !broadcast.flags?.local &&
          !selfHealing.has(String(packet.data[0])) &&
          eventOf(packet, broadcast);
        if (event) {
          recent.add(event);
          packet.data.push(event.offset);
        }
        try {
          fanOut(adapter, packet, broadcast);
        } catch (error) {
          // Can't be encoded: the app is told at its line, and no client gets it, now or later.
          if (event) recent.takeBack(event);
          throw error;
        }
        return Promise.resolve(true);
      };
      // As in a cluster of one. The in-memory adapter would never call back, and print a warning.
      adapter.serverSideEmit = (packet) => {
        checkEventName("serverSideEmit", packet[0]);
        const acknowledge: unknown = packet.at(-1);
        if (typeof acknowledge === "function") acknowledge(null, []);
      };
      refuseMistakes(adapter, log);
      adapter.close = () => recovery.close();
      return adapter;
    },
  };
}
