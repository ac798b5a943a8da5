import { Refusal } from "../shared/errors.ts";
import type { Logger } from "../shared/log.ts";
import type { RedisLink } from "./link.ts";

export interface OutboxLimits {
  maxEntries: number;
  maxBytes: number;
  maxAgeMs: number;
}

export interface PublisherOptions {
  link: RedisLink;
  stream: string;
  /** Entries the stream keeps, about. */
  maxStreamEntries: number;
  /** Where keys of what may be published once lie, and for how long. */
  oncePrefix: string;
  onceWindowMs: number;
  outbox: OutboxLimits;
  log: Logger;
}

interface Entry {
  sequence: number;
  fields: Record<string, string>;
  once: string | undefined;
  bytes: number;
  at: number;
}

/** What `publish` resolves with when this was published before, here or on another replica. */
export const publishedBefore = "";

export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Appends an entry unless its key was used before. An entry without fields of the adapter's takes the
 * place of what was not appended, so that readers see no gap in this publisher's sequence.
 * KEYS: stream, key. ARGV: window in ms, maximum length, sequence, uid, then fields and values.
 */
const publishOnceScript = `
if redis.call("SET", KEYS[2], "1", "NX", "PX", ARGV[1]) then
  return redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", "sequence", ARGV[3], unpack(ARGV, 5))
end
redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", "sequence", ARGV[3], "uid", ARGV[4])
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
  const { link, stream, oncePrefix, onceWindowMs, outbox: limits, log } = options;
  const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold: options.maxStreamEntries } as const;
  const outbox: Entry[] = [];
  let outboxBytes = 0;
  let sequence = 0;
  let dropped = 0;
  let flushing = false;

  function append({ fields, once, sequence: number }: Entry): Promise<string> {
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

  function keep(entry: Entry): void {
    // Attempts fail in any order; the outbox is in the order of publication.
    let index = outbox.length;
    while (index > 0 && (outbox[index - 1]?.sequence ?? 0) > entry.sequence) index -= 1;
    outbox.splice(index, 0, entry);
    outboxBytes += entry.bytes;
    const oldest = Date.now() - limits.maxAgeMs;
    while (
      outbox.length > limits.maxEntries ||
      outboxBytes > limits.maxBytes ||
      (outbox[0]?.at ?? oldest) < oldest
    )
      drop();
  }

  function drop(): void {
    outboxBytes -= outbox.shift()?.bytes ?? 0;
    if (dropped === 0)
      log.warn(
        { limits },
        "more was sent to rooms than is kept while Redis is away; members elsewhere will start over",
      );
    dropped += 1;
  }

  async function flush(): Promise<void> {
    if (flushing) return;
    flushing = true;
    let published = 0;
    try {
      for (let entry = outbox[0]; entry; entry = outbox[0]) {
        await append(entry);
        outbox.shift();
        outboxBytes -= entry.bytes;
        published += 1;
      }
      if (published > 0 || dropped > 0)
        log.info({ published, dropped }, "published what rooms were sent while Redis was away");
      dropped = 0;
    } catch (error) {
      log.debug({ err: error }, "publishing the outbox stopped");
    } finally {
      flushing = false;
    }
  }

  return {
    /**
     * @returns the entry's offset, or `publishedBefore`.
     * @throws {Refusal} `unavailable` when it was not taken in time; it is published later then.
     */
    async publish(fields: Record<string, string>, once?: string): Promise<string> {
      const bytes = Object.values(fields).reduce((sum, value) => sum + value.length, 0);
      const entry = { sequence: (sequence += 1), fields, once, bytes, at: Date.now() };
      try {
        if (outbox.length > 0) throw new Refusal("unavailable", "earlier ones are waiting");
        return await append(entry);
      } catch (error) {
        keep(entry);
        if (link.isUp()) void flush();
        throw error;
      }
    },
    flush,
    stats: () => ({ entries: outbox.length, bytes: outboxBytes }),
  };
}
