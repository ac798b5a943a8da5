import type { Logger } from "../shared/log.ts";
import { type Part, joinParts } from "./batch.ts";
import type { RedisLink } from "./link.ts";
import { publisherOfKey } from "./once-script.ts";

export interface BatchPublisherOptions {
  link: RedisLink;
  log: Logger;
  stream: string;
  oncePrefix: string;
  onceWindowMs: number;
  /** Entries the stream keeps, about: fewer if they are large. */
  maxStreamEntries: number;
}

/** A message that waits for the end of this turn. */
export interface BatchedMessage {
  /** All messages of a batch have the same. */
  fields: { uid: string; nsp: string; type: string };
  sequence: number;
  part: Part;
  once: string | undefined;
  /** It is in the stream: `isFirst` unless another replica published it before. */
  onTaken: (isFirst: boolean) => void;
  /** It was not taken in time, with all others of its batch. */
  onRefused: () => void;
}

const quietMs = 2;
const maxMessages = 100;
const maxBytes = 65_536;
/** The stream keeps so much, in entries of the size there was lately, and so many entries at least. */
const maxStreamBytes = 2 ** 26;
const minStreamEntries = 1000;

/**
 * Appends a batch, without those of its messages whose key was used before. The key holds the publisher:
 * what this one appended before, in a missed deadline, is in the stream already. It is set after the entry: if the
 * entry can't be appended, as when the stream's key holds another type, the next attempt appends it.
 * KEYS: stream, then a key for each index. ARGV: window in ms, maximum length, uid, indexes, fields.
 * Returns the indexes that other publishers were first with.
 */
const publishBatchScript = `${publisherOfKey}
local struck, others, unused = {}, {}, {}
for i = 2, #KEYS do
  local index = ARGV[i + 2]
  local by = unused[KEYS[i]] and ARGV[3] or publisherOf(KEYS[i])
  if by then
    struck[#struck + 1] = index
    if by ~= ARGV[3] then others[#others + 1] = index end
  else
    unused[KEYS[i]] = true
  end
end
local fields = {unpack(ARGV, #KEYS + 3)}
if #struck > 0 then
  fields[#fields + 1] = "struck"
  fields[#fields + 1] = table.concat(struck, ",")
end
redis.call("XADD", KEYS[1], "MAXLEN", "~", ARGV[2], "*", unpack(fields))
for key in pairs(unused) do redis.call("SET", key, ARGV[3], "PX", ARGV[1]) end
return others`;

/**
 * Publishes what one turn of the event loop sends as one entry of the stream. An append costs the client, Redis
 * and every reader more than the messages in it: 39,000 messages a second without, 159,000 with it and with the
 * client's own timeouts off (Node; tests/bench, hop-loaded).
 */
export function createBatchPublisher(options: BatchPublisherOptions) {
  const { link, stream, oncePrefix, onceWindowMs } = options;
  let batch: BatchedMessage[] = [];
  let bytes = 0;
  let averageBytes = 1000;
  let flushedAt = 0;

  function flush(): void {
    if (batch.length === 0) return;
    const messages = batch;
    averageBytes += (bytes - averageBytes) / 16;
    batch = [];
    bytes = 0;
    flushedAt = performance.now();
    append(messages)
      .then(
        (others) => {
          for (const [index, { onTaken }] of messages.entries()) onTaken(!others?.has(index));
        },
        () => {
          for (const { onRefused } of messages) onRefused();
        },
      )
      .catch((error: unknown) => options.log.error({ err: error }, "what follows a published event failed"));
  }

  /** @returns the indexes that other publishers were first with, if there are any. */
  async function append(messages: readonly BatchedMessage[]): Promise<Set<number> | undefined> {
    const [first] = messages;
    if (!first) return undefined;
    const fields = {
      ...first.fields,
      sequence: String(first.sequence),
      count: String(messages.length),
      batch: joinParts(messages.map(({ part }) => part)),
    };
    const threshold = Math.min(
      options.maxStreamEntries,
      Math.max(minStreamEntries, Math.floor(maxStreamBytes / averageBytes)),
    );
    const keyed = messages.flatMap(({ once }, index) => (once === undefined ? [] : [{ once, index }]));
    if (keyed.length === 0) {
      const trim = { strategy: "MAXLEN", strategyModifier: "~", threshold } as const;
      await link.run((client) => client.xAdd(stream, "*", fields, { TRIM: trim }));
      return undefined;
    }
    const others = (await link.run((client) =>
      client.eval(publishBatchScript, {
        keys: [stream, ...keyed.map(({ once }) => oncePrefix + once)],
        arguments: [
          ...[onceWindowMs, threshold].map(String),
          first.fields.uid,
          ...keyed.map(({ index }) => String(index)),
          ...Object.entries(fields).flat(),
        ] as string[],
      }),
    )) as string[];
    return new Set(others.map(Number));
  }

  function fits({ fields, sequence, part }: BatchedMessage): boolean {
    const last = batch.at(-1);
    return (
      last === undefined ||
      (batch.length < maxMessages &&
        bytes + part.length <= maxBytes &&
        last.sequence + 1 === sequence &&
        last.fields.nsp === fields.nsp &&
        last.fields.type === fields.type &&
        typeof last.part === typeof part)
    );
  }

  return {
    add(message: BatchedMessage): void {
      if (!fits(message)) flush();
      batch.push(message);
      bytes += message.part.length;
      if (batch.length > 1) return;
      // After a quiet moment nothing else is to be expected in this turn, and its end is not waited for.
      if (performance.now() - flushedAt > quietMs) queueMicrotask(flush);
      else setImmediate(flush);
    },
    /** Sends what waits, so that what comes next does not overtake it. */
    flush,
  };
}
