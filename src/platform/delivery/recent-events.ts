/** An event that was sent to rooms, as a client that missed it gets it. */
export interface RecentEvent {
  offset: string;
  /** Tells repeats of one event apart from others; undefined if it can't be repeated. */
  key?: string | undefined;
  rooms: readonly string[];
  except: readonly string[];
  /** Event name and arguments. */
  args: readonly unknown[];
}

export interface RecentEventsOptions {
  /** Orders offsets: whether `a` comes after `b`. */
  isAfter: (a: string, b: string) => boolean;
  maxEvents: number;
  maxBytes: number;
}

export type RecentEvents = ReturnType<typeof createRecentEvents>;

/**
 * The newest events of all rooms, in order, bounded by count and bytes. A client that returns gets what
 * it missed from here: in memory, without a read per client, and exactly up to what is delivered live.
 */
export function createRecentEvents({ isAfter, maxEvents, maxBytes }: RecentEventsOptions) {
  let events: RecentEvent[] = [];
  let keys = new Set<string>();
  let bytes = 0;
  /** Everything after this offset is here; undefined before the first one is known. */
  let start: string | undefined;
  /** Something before this offset is lost for good. */
  let broken: string | undefined;

  function account(event: RecentEvent, sign: 1 | -1): void {
    bytes += sign * sizeOf(event.args);
    if (event.key === undefined) return;
    if (sign > 0) keys.add(event.key);
    else keys.delete(event.key);
  }

  function trim(): void {
    let dropped = 0;
    for (const event of events) {
      if (events.length - dropped <= maxEvents && bytes <= maxBytes) break;
      account(event, -1);
      start = event.offset;
      dropped += 1;
    }
    if (dropped > 0) events = events.slice(dropped);
  }

  return {
    /** Everything after `offset` will be added from now on. Forgets all when the order starts anew. */
    startAt(offset: string): void {
      events = [];
      keys = new Set();
      bytes = 0;
      start = offset;
      broken = undefined;
    },
    /** Events before `offset` are missing: who was last there can't be recovered. */
    breakAt(offset: string): void {
      this.startAt(offset);
      broken = offset;
    },
    start: () => start,
    /** Whether what lies before `start` can be filled in from `offset` on. */
    reaches: (offset: string): boolean => broken === undefined || !isAfter(broken, offset),
    stats: () => ({ events: events.length, bytes }),

    add(event: RecentEvent): void {
      if (event.key !== undefined && keys.has(event.key)) return;
      events.push(event);
      account(event, 1);
      // With slack, so that the array is not copied for every event.
      if (events.length > maxEvents * 1.1 || bytes > maxBytes) trim();
    },

    /** Takes the event away again that was added last: it was not sent. */
    takeBack(event: RecentEvent): void {
      if (events.at(-1) !== event) return;
      events.pop();
      account(event, -1);
    },

    /** Puts older events, up to `start`, before all others; everything after `from` is here then. */
    prepend(older: readonly RecentEvent[], from: string): void {
      const fresh = older.filter(({ key }) => key === undefined || !keys.has(key));
      for (const event of fresh) account(event, 1);
      events = [...fresh, ...events];
      start = from;
    },

    /** Whether nothing after `offset` is missing here. */
    covers: (offset: string): boolean => start !== undefined && !isAfter(start, offset),

    /** What a member of `rooms` was sent after `offset`. */
    since(offset: string, rooms: ReadonlySet<string>): RecentEvent[] {
      const missed: RecentEvent[] = [];
      // From the newest: a client that comes back has missed little.
      for (let index = events.length - 1; index >= 0; index -= 1) {
        const event = events[index];
        if (!event || !isAfter(event.offset, offset)) break;
        if (isFor(rooms, event)) missed.push(event);
      }
      return missed.toReversed();
    },
  };
}

/** Whether a member of `rooms` is sent this event. */
export function isFor(rooms: ReadonlySet<string>, event: Pick<RecentEvent, "rooms" | "except">): boolean {
  const included = event.rooms.length === 0 || event.rooms.some((room) => rooms.has(room));
  return included && !event.except.some((room) => rooms.has(room));
}

/** About the bytes that values keep in memory; exact enough for a bound. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length * 2;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 8;
  // A plain loop, as this is done for every event there is.
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let bytes = 64;
  for (const part of parts) bytes += sizeOf(part);
  return bytes;
}
