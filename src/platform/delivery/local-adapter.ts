import type { Namespace } from "socket.io";
import type { BroadcastOptions, Session } from "socket.io-adapter";
import type { OnceKeys } from "./once-keys.ts";
import { type RecentEvents, createRecentEvents } from "./recent-events.ts";
import { CheckedAdapter } from "./checked-adapter.ts";
import { checkEventName } from "./mistakes.ts";
import type { FanOut, Packet } from "../util/fan-out.ts";
import type { Logger } from "../observability/log.ts";
import { type Recovery, type RecoveryOutcome, createRecovery, isRecoverable } from "./recovery.ts";
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

type Offsets = ReturnType<typeof createOffsets>;
type Sessions = ReturnType<typeof createMemorySessions>;

/** The adapter of `single` mode, and what all namespaces' adapters have together. */
export function createLocalAdapter(options: LocalAdapterOptions) {
  const offsets = createOffsets();
  const stores: Sessions[] = [];

  return {
    /** Sessions that are kept, of all namespaces. */
    sessions: () => stores.reduce((sum, store) => sum + store.size(), 0),
    offset: offsets.last,
    // A function, not an arrow: Socket.IO calls it with `new`.
    adapter: function (namespace: Namespace) {
      const sessions = createMemorySessions(options.recoveryWindowMs * 2);
      stores.push(sessions);
      return new LocalAdapter(namespace, options, offsets, sessions);
    },
  };
}

/** Offsets as in a stream: milliseconds, then a number. Those of an earlier process come before. */
function createOffsets() {
  const startedAt = Date.now();
  const isThisProcess = (offset: string) => offset.startsWith(`${startedAt}-`);
  const numberOf = (offset: string) => Number(offset.split("-")[1]);
  let count = 0;
  return {
    last: () => `${startedAt}-${count}`,
    next: () => `${startedAt}-${(count += 1)}`,
    isThisProcess,
    isAfter: (a: string, b: string) => isThisProcess(a) && (!isThisProcess(b) || numberOf(a) > numberOf(b)),
  };
}

/** Rooms in memory, with the same exact recovery as in a cluster. */
class LocalAdapter extends CheckedAdapter {
  readonly #options: LocalAdapterOptions;
  readonly #offsets: Offsets;
  readonly #recent: RecentEvents;
  readonly #recovery: Recovery;

  constructor(namespace: Namespace, options: LocalAdapterOptions, offsets: Offsets, sessions: Sessions) {
    super(namespace, options.log);
    this.#options = options;
    this.#offsets = offsets;
    const { maxEvents, maxBytes, recoveryWindowMs, onRecovery } = options;
    const recent = createRecentEvents({ isAfter: offsets.isAfter, maxEvents, maxBytes });
    recent.startAt(offsets.last());
    const isCovered = (offset: string) => offsets.isThisProcess(offset) && recent.covers(offset);
    this.#recent = recent;
    this.#recovery = createRecovery({
      namespace,
      addToRooms: (id, rooms) => void super.addAll(id, rooms),
      roomsOf: (id) => this.socketRooms(id),
      history: { recent, cover: async (offset) => isCovered(offset), isCovered },
      sessions,
      refreshEveryMs: recoveryWindowMs / 2,
      ...(onRecovery && { onOutcome: onRecovery }),
      log: options.log,
    });
  }

  // What it throws, the sender sees at its line: only `broadcastToRoom` looks at the promise.
  protected override send(packet: Packet, to: BroadcastOptions): Promise<boolean> {
    const { onceKeys, fanOut } = this.#options;
    const { once } = (to.flags ?? {}) as Flags;
    // The key is stored before the packet is delivered. If the process is killed between the two, clients lose the packet
    // and learn it (`recovered: false`). The other way round they would get it twice and not know.
    if (once !== undefined && !onceKeys.claim(once)) return Promise.resolve(true);
    const event = this.#isKept(packet, to) && {
      offset: this.#offsets.next(),
      rooms: [...to.rooms],
      except: [...(to.except ?? [])],
      args: packet.data.slice(),
    };
    if (event) {
      this.#recent.add(event);
      packet.data.push(event.offset);
    }
    try {
      fanOut(this, packet, to);
    } catch (error) {
      // Can't be encoded: the call throws at the app's line, and no client gets the packet, now or later.
      if (event) this.#recent.takeBack(event);
      throw error;
    }
    return Promise.resolve(true);
  }

  #isKept(packet: Packet, to: BroadcastOptions): boolean {
    const heals = this.#options.selfHealing.has(String(packet.data[0]));
    return isRecoverable(packet, to) && !to.flags?.local && !heals;
  }

  /** As in a cluster of one. The in-memory adapter would never call back, and print a warning. */
  override serverSideEmit(packet: unknown[]): void {
    checkEventName("serverSideEmit", packet[0]);
    const acknowledge: unknown = packet.at(-1);
    if (typeof acknowledge === "function") acknowledge(null, []);
  }

  /** Joining is over when it would survive this process. */
  override addAll(id: string, rooms: Set<string>): Promise<void> {
    void super.addAll(id, rooms);
    return this.#recovery.save(id);
  }

  override del(id: string, room: string): void {
    super.del(id, room);
    void this.#recovery.save(id);
  }

  /** Saved already, as long as it lives. */
  override persistSession(): void {}

  override async restoreSession(pid: string, offset: string): Promise<Session> {
    // Null for a client that starts over, which Socket.IO's types don't have.
    return (await this.#recovery.restore(pid, offset)) as Session;
  }

  override close(): void {
    this.#recovery.close();
  }
}
