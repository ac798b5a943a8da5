import { Refusal } from "../util/errors.ts";
import type { OutboxEntry, OutboxStore } from "../delivery/outbox-store.ts";
import type { Logger } from "../observability/log.ts";
import { type Part, toOfficialData } from "./batch.ts";
import { createBatchPublisher } from "./batch-publisher.ts";
import type { RedisLink } from "./connection-supervisor.ts";
import { publisherOfKey } from "./once-script.ts";
import { isAfter } from "./stream-id.ts";

export interface OutboxOptions {
  maxEntries: number;
  maxBytes: number;
  maxAgeMs: number;
  store: OutboxStore;
  /** Told of every event that was dropped for lack of room or for its age. */
  onDropped: () => void;
}

export interface PublisherOptions {
  link: RedisLink;
  stream: string;
  /** Entries the stream keeps, about. */
  maxStreamEntries: number;
  /** Where keys of what may be published once lie, and for how long. */
  oncePrefix: string;
  onceWindowMs: number;
  outbox: OutboxOptions;
  log: Logger;
}

export interface PublishOptions {
  /** A key: an entry with one is published once, here and on all other replicas. */
  once?: string | undefined;
  /** Told when an entry that was kept will not be in the stream, because it did not fit. */
  onDropped?: (() => void) | undefined;
  /** Told when another replica published it before, at once or after it was kept. */
  onPublishedBefore?: (() => void) | undefined;
}

/** What appending resolves with when another replica published this before. */
const publishedBefore = "";

/** On a slow way to Redis one at a time would not keep up with what comes. */
const flushedTogether = 100;

/** A message of the adapter's, with what it carries. */
export interface OutgoingMessage {
  uid: string;
  nsp: string;
  type: number;
  part: Part;
}

type Entry = OutboxEntry & Omit<PublishOptions, "once">;

export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Appends an entry unless its key was used before. An entry without fields of the adapter's takes the
 * place of what was not appended, so that readers see no gap in this publisher's sequence. The key holds the
 * publisher: what this one appended before, in a missed deadline, is in the stream under the same number. It is set
 * after the entry: if the entry can't be appended, the next attempt appends it.
 * KEYS: stream, key. ARGV: window in ms, maximum length, sequence, uid, then fields and values.
 */
const publishOnceScript = `${publisherOfKey}
local by = publisherOf(KEYS[2])
if not by then
  local id = redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", "sequence", ARGV[3], unpack(ARGV, 5))
  redis.call("SET", KEYS[2], ARGV[4], "PX", ARGV[1])
  return id
end
local filler = redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", "sequence", ARGV[3], "uid", ARGV[4])
if by == ARGV[4] then return filler end
return ""`;

/**
 * Publishes to the event stream, in order. Every entry has this process's next sequence number, by which
 * readers notice repeats and gaps.
 *
 * What Redis did not take within the deadline is kept in a bounded outbox and published in order when
 * it is back; it may then be in the stream twice, and readers drop the second. What does not fit is
 * dropped, oldest first; readers see the gap and have their clients start over.
 */
export function createPublisher(options: PublisherOptions) {
  const { link, stream, oncePrefix, onceWindowMs, log } = options;
  const { store, onDropped, ...limits } = options.outbox;
  const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: options.maxStreamEntries } as const;
  // First what an earlier process of this replica left behind, with its own publisher's numbers.
  const outbox: Entry[] = store.load();
  const inherited = new Set(outbox.map(({ fields }) => fields["uid"] ?? ""));
  const inheritedKeys = outbox.flatMap(({ once }) => once ?? []);
  /** Where the newest of them is in the stream. */
  let inheritedThrough = "0-0";
  let outboxBytes = outbox.reduce((sum, entry) => sum + bytesOf(entry), 0);
  let sequence = 0;
  let dropped = 0;
  // The newest dropped number of each publisher, until the stream has an entry in its place.
  const gaps = new Map<string, number>();
  let flushing = false;

  const batches = createBatchPublisher(options);

  const isInherited = (uid: string): boolean => inherited.has(uid);

  function append({ fields, once, sequence: number }: OutboxEntry): Promise<string> {
    const numbered = { ...fields, sequence: String(number) };
    if (once === undefined) return link.run((client) => client.xAdd(stream, "*", numbered, { TRIM: trim }));
    const rest = Object.entries(fields).flat();
    const numbers = [onceWindowMs, options.maxStreamEntries, number].map(String);
    return link.run((client) =>
      client.eval(publishOnceScript, {
        keys: [stream, oncePrefix + once],
        arguments: [...numbers, fields["uid"] ?? "", ...rest],
      }),
    ) as Promise<string>;
  }

  async function keep(entry: Entry): Promise<void> {
    // Attempts fail in any order; the outbox is in the order of publication.
    let index = outbox.length;
    const isLater = (other: OutboxEntry | undefined) =>
      other !== undefined && other.fields["uid"] === entry.fields["uid"] && other.sequence > entry.sequence;
    while (isLater(outbox[index - 1])) index -= 1;
    outbox.splice(index, 0, entry);
    outboxBytes += bytesOf(entry);
    dropExcess();
    await store.add(entry).catch((error: unknown) => {
      log.error({ err: error }, "an event for other replicas is kept in memory only");
    });
  }

  function dropExcess(): void {
    const oldest = Date.now() - limits.maxAgeMs;
    const isOver = () => outbox.length > limits.maxEntries || outboxBytes > limits.maxBytes;
    for (let first = outbox[0]; first && (isOver() || first.at < oldest); first = outbox[0]) {
      discard(first);
      gaps.set(first.fields["uid"] ?? "", first.sequence);
      first.onDropped?.();
      onDropped();
      if (dropped === 0)
        log.warn(
          { limits },
          "more was sent to rooms than is kept while Redis is down; members on other replicas get resync",
        );
      dropped += 1;
    }
  }

  function discard(entry: OutboxEntry): void {
    const index = outbox.indexOf(entry);
    if (index < 0) return;
    outbox.splice(index, 1);
    outboxBytes -= bytesOf(entry);
    store
      .remove(entry)
      .catch((error: unknown) => log.warn({ err: error }, "a published event stays in the outbox"));
  }

  /** Readers are told that something is missing, even if they never heard of this publisher, nor will again. */
  async function markGaps(): Promise<void> {
    for (const [uid, number] of gaps) {
      await append({ sequence: number, fields: { uid, gap: "1" }, once: undefined, at: Date.now() });
      if (gaps.get(uid) === number) gaps.delete(uid);
    }
  }

  /** One connection keeps them in order, and if one fails because Redis is gone, so do those after it. */
  async function flushSome(): Promise<number> {
    const entries = outbox.slice(0, flushedTogether);
    const outcomes = await Promise.allSettled(
      entries.map(async (entry) => {
        const offset = await append(entry);
        if (offset === publishedBefore) entry.onPublishedBefore?.();
        else if (isInherited(entry.fields["uid"] ?? "")) inheritedThrough = offset;
        discard(entry);
      }),
    );
    const failure = outcomes.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
    return entries.length;
  }

  async function flush(): Promise<void> {
    if (flushing) return;
    flushing = true;
    let published = 0;
    try {
      dropExcess();
      await markGaps();
      while (outbox.length > 0) published += await flushSome();
      if (published > 0 || dropped > 0)
        log.info({ published, dropped }, "published what was sent to rooms while Redis was down");
      dropped = 0;
    } catch (error) {
      log.debug({ err: error }, "publishing the outbox stopped");
    } finally {
      flushing = false;
    }
  }

  async function keepForLater(entry: Entry): Promise<void> {
    await keep(entry);
    if (link.isUp()) void flush();
  }

  /** Nothing overtakes what is kept. */
  const mustWait = () => outbox.length > 0 || gaps.size > 0;

  return {
    /**
     * Publishes an entry of the adapter's, on its own.
     *
     * @returns the entry's offset.
     * @throws {Refusal} `unavailable` when it was not taken in time; it is published later then.
     */
    async publish(fields: Record<string, string>): Promise<string> {
      batches.flush();
      const entry = { sequence: (sequence += 1), fields, once: undefined, at: Date.now() };
      try {
        if (mustWait()) throw new Refusal("unavailable", "earlier ones are waiting");
        return await append(entry);
      } catch (error) {
        await keepForLater(entry);
        throw error;
      }
    },

    /**
     * Publishes a message together with all others of this turn. Resolves when it is in the stream, or kept
     * to be published later.
     */
    publishTogether(message: OutgoingMessage, { once, ...told }: PublishOptions): Promise<void> {
      const { uid, nsp, part } = message;
      const fields = { uid, nsp, type: String(message.type) };
      const number = (sequence += 1);
      return new Promise((resolve) => {
        const waiting = {
          fields,
          sequence: number,
          part,
          once,
          onTaken(isFirst: boolean) {
            if (!isFirst) told.onPublishedBefore?.();
            resolve();
          },
          onRefused() {
            const data = toOfficialData(part);
            const entry = { sequence: number, fields: { ...fields, data }, once, ...told, at: Date.now() };
            resolve(keepForLater(entry));
          },
        };
        if (mustWait()) waiting.onRefused();
        else batches.add(waiting);
      });
    },
    flush,
    /** Whether an earlier process of this replica published it: its members had it from that. */
    isInherited,
    /** The keys of what an earlier process left behind. */
    inheritedKeys: (): readonly string[] => inheritedKeys,
    /** Whether some of that is still to be read by those who have read up to here. */
    hasInheritedAfter: (position: string): boolean =>
      isAfter(inheritedThrough, position) || outbox.some(({ fields }) => isInherited(fields["uid"] ?? "")),
    stats: () => ({ entries: outbox.length, bytes: outboxBytes }),
  };
}

function bytesOf({ fields }: OutboxEntry): number {
  return Object.values(fields).reduce((sum, value) => sum + value.length, 0);
}
