import { RESP_TYPES } from "redis";
import type { Logger } from "../observability/log.ts";
import { createSignal } from "../util/signal.ts";
import { createSequences } from "./sequences.ts";
import { type StreamEntry, expand, fromBytes } from "./batch.ts";
import { entryIdOf, isAfter } from "./stream-id.ts";
import { type RedisClient, type RedisLink, largeReadMs } from "./connection-supervisor.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

export interface StreamReaderOptions {
  link: RedisLink;
  stream: string;
  log: Logger;
  onMalformed: ReportMalformed;
  /** Told when entries before this position have passed, or may have, that this replica never saw. */
  onGap: (position: string) => void;
  /** Told where reading starts, and when it starts over in another stream. */
  onStart: (position: string) => void;
}

const pauseMs = 100;
/** For clocks that are read one after the other; what was read before is dropped as repeated. */
const marginMs = 1000;
/** Whoever was away for so long, as a process that was stopped, looks whether the stream went on without it. */
const absenceMs = 2000;
/** Below the socket timeout, so that an idle stream is not taken for a dead connection. */
const blockMs = 700;
/** Clients start over for what can't be read at most so often; its number tells of the rest, as the next one comes. */
const unreadableEveryMs = 1000;
/** Away with whatever lies where the stream should, if it is no stream. KEYS: stream. */
const clearScript = `
if redis.call("TYPE", KEYS[1]).ok ~= "stream" then return redis.call("DEL", KEYS[1]) end
return 0`;

interface RawEntry {
  id: Buffer;
  message: Record<string, Buffer>;
}

/** Values as they are: some are no text. */
const inBytes = (client: RedisClient) => client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });

export type StreamReader = ReturnType<typeof createStreamReader>;

/**
 * Reads the stream where it stopped, across outages: the position is kept here, never `$`, so that
 * nothing published between two reads is skipped. Gives each entry once.
 */
export function createStreamReader(options: StreamReaderOptions) {
  const { link, stream, log, onGap, onStart, onMalformed } = options;
  const client = link.dedicated();
  const sequences = createSequences();
  let position: string | undefined;
  let delivered: string | undefined;
  // Every return of Redis is a reason to check that the stream still is the one we were reading.
  let checked = false;
  const stop = link.onChange(() => (checked = false));
  let closed = false;
  let unreadableAt = -Infinity;
  const read = createSignal<void>();
  /** When the stream was last known to be read to its end; before that, when this replica started. */
  let currentAt = performance.now();

  /** Finds the place to read on from; tells of a gap when the stream is another one. */
  async function resume(): Promise<string> {
    if (position !== undefined && checked && performance.now() - currentAt < absenceMs) return position;
    const [newest, oldest, now] = await link.run((shared) =>
      Promise.all([
        shared.xRevRange(stream, "+", "-", { COUNT: 1 }),
        shared.xRange(stream, "-", "+", { COUNT: 1 }),
        shared.time(),
      ]),
    );
    const lastId = newest?.[0]?.id ?? "0-0";
    // What others published since then, by Redis' own clock, which ids are made of.
    const since = `${Math.max(0, Math.floor(Number(now[0]) * 1000 - (performance.now() - currentAt) - marginMs))}-0`;
    const start = isAfter(since, lastId) ? lastId : since;
    checked = true;
    if (position === undefined) {
      delivered = position = start;
      onStart(position);
    } else if (isAfter(position, lastId)) {
      log.warn(
        { position, lastId },
        "the event stream is another one: Redis has lost it, or has an older one",
      );
      delivered = position = start;
      onStart(position);
      onGap(position);
    } else if (isAfter(oldest?.[0]?.id ?? "0-0", position)) {
      log.warn({ position }, "the event stream was trimmed past what was read last");
      onGap(oldest?.[0]?.id ?? position);
    }
    return position;
  }

  const report = (id: Buffer) => () => onMalformed("stream", { id: id.toString() });

  function expanded({ id, message }: RawEntry): StreamEntry[] | undefined {
    try {
      return expand(fromBytes(id, message), report(id));
    } catch {
      report(id)();
      return undefined;
    }
  }

  /**
   * What can't be read is missing, like what is not there, if a replica may have published it. Anything else
   * is no concern of the clients.
   */
  function readable(entry: RawEntry): StreamEntry[] {
    const entries = expanded(entry);
    if (entries) return entries;
    const now = performance.now();
    const uid = entry.message["uid"]?.toString();
    if (uid !== undefined && sequences.knows(uid) && now - unreadableAt > unreadableEveryMs) {
      unreadableAt = now;
      onGap(entry.id.toString());
    }
    return [];
  }

  async function clear(): Promise<void> {
    onMalformed("stream", { reason: "no stream" });
    await link.run((shared) => shared.eval(clearScript, { keys: [stream] })).catch(() => undefined);
  }

  /** Drops repeats, tells of gaps. */
  function isNew({ id, message }: StreamEntry): boolean {
    const { uid, sequence, gap } = message;
    if (uid === undefined || sequence === undefined) return true;
    const verdict = sequences.judge(uid, Number(sequence));
    if (verdict === "after-a-gap" || (gap !== undefined && verdict === "new")) {
      log.warn({ id, publisher: uid }, "events of another replica are missing from the stream");
      onGap(id);
    }
    return verdict !== "repeated";
  }

  return {
    /** The id of the last entry that was read and delivered, once there is one. */
    position: () => delivered,

    /** Whether what was read reaches up to `offset`, or will within the time, as long as Redis answers. */
    async reaches(offset: string, withinMs: number): Promise<boolean> {
      const isThere = () => delivered !== undefined && !isAfter(offset, delivered);
      if (isThere()) return true;
      return new Promise((resolve) => {
        const stopWaiting = read.on(() => {
          if (isThere()) done(true);
        });
        const timeout = setTimeout(() => done(isThere()), withinMs);
        const stopWatching = link.onChange((up) => {
          if (!up) done(false);
        });
        const done = (outcome: boolean) => {
          stopWaiting();
          stopWatching();
          clearTimeout(timeout);
          resolve(outcome);
        };
      });
    },

    /** Messages after position `from`, up to `to`; undefined when that is not there any more, or too much. */
    async range(from: string, to: string, maxEntries: number): Promise<StreamEntry[] | undefined> {
      const entries = await link.run(
        (shared) => inBytes(shared).xRange(stream, entryIdOf(from), entryIdOf(to), { COUNT: maxEntries + 1 }),
        largeReadMs,
      );
      const raw = (entries ?? []) as RawEntry[];
      if (!raw[0] || raw.length > maxEntries || raw[0].id.toString() !== entryIdOf(from)) return undefined;
      const read = raw.map((entry) => ({ entry, messages: expanded(entry) }));
      // A replica's own, of which nobody knows what it was: who was away can't be told what it missed.
      if (read.some(({ entry, messages }) => !messages && sequences.knows(String(entry.message["uid"]))))
        return undefined;
      return read
        .flatMap(({ messages }) => messages ?? [])
        .filter(({ id }) => isAfter(id, from) && !isAfter(id, to));
    },

    /**
     * The next entries, or null when none came for a while. Never rejects: trouble costs a pause,
     * so that a caller that loops does not run hot.
     */
    async next(count: number): Promise<StreamEntry[] | null> {
      // Whoever asks for more has delivered what it got.
      delivered = position;
      read.emit();
      await link.whenUp();
      // Nothing will ever come again; a caller that loops just stays here.
      if (closed) return new Promise(() => {});
      try {
        const id = await resume();
        const options = { COUNT: count, BLOCK: blockMs };
        const reply = (await inBytes(client()).xRead({ key: stream, id }, options)) as
          | { messages: RawEntry[] }[]
          | null;
        const entries = reply?.[0]?.messages ?? [];
        position = entries.at(-1)?.id.toString() ?? position;
        currentAt = performance.now();
        return entries.flatMap((entry) => readable(entry)).filter(isNew);
      } catch (error) {
        checked = false;
        if (isWrongKind(error)) await clear();
        log.debug({ err: error }, "reading the event stream failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        return null;
      }
    },

    close(): void {
      closed = true;
      stop();
    },
  };
}
