import type { Logger } from "../shared/log.ts";
import { isAfter } from "./stream-id.ts";
import type { RedisLink } from "./link.ts";

export interface StreamEntry {
  id: string;
  message: Record<string, string>;
}

export interface StreamReaderOptions {
  link: RedisLink;
  stream: string;
  log: Logger;
  /** Told when entries may have passed that this replica never saw. */
  onGap: () => void;
}

const pauseMs = 100;
/** Below the socket timeout, so that an idle stream is not taken for a dead connection. */
const blockMs = 1000;

export type StreamReader = ReturnType<typeof createStreamReader>;

/**
 * Reads the stream where it stopped, across outages: the position is kept here, never `$`, so that
 * nothing published between two reads is skipped.
 */
export function createStreamReader({ link, stream, log, onGap }: StreamReaderOptions) {
  const client = link.dedicated();
  let position: string | undefined;
  // Every return of Redis is a reason to check that the stream still is the one we were reading.
  let checked = false;
  const stop = link.onChange(() => (checked = false));
  let closed = false;

  /** Finds the place to read on from; tells of a gap when entries after ours are gone. */
  async function resume(): Promise<string> {
    if (position !== undefined && checked) return position;
    const [lastId, stillThere] = await link.run(async (shared) => {
      const newest = await shared.xRevRange(stream, "+", "-", { COUNT: 1 });
      const own = position === undefined ? null : await shared.xRange(stream, position, position);
      return [newest?.[0]?.id ?? "0-0", own !== null && own.length > 0] as const;
    });
    checked = true;
    if (position === undefined) return (position = lastId);
    if (!stillThere && position !== lastId) {
      // The stream is another one (Redis came back empty or older), or was trimmed past us.
      log.warn({ position, lastId }, "the event stream does not have what was read last, resynchronizing");
      if (isAfter(position, lastId)) position = "0-0";
      onGap();
    }
    return position;
  }

  return {
    /** The id of the last entry read, once there is one. */
    position: () => position,

    /**
     * The next entries, or null when none came for a while. Never rejects: trouble costs a pause,
     * so that a caller that loops does not run hot.
     */
    async next(count: number): Promise<StreamEntry[] | null> {
      await link.whenUp();
      // Nothing will ever come again; a caller that loops just stays here.
      if (closed) return new Promise(() => {});
      try {
        const id = await resume();
        const reply = (await client.xRead({ key: stream, id }, { COUNT: count, BLOCK: blockMs })) as
          | { messages: StreamEntry[] }[]
          | null;
        const entries = reply?.[0]?.messages ?? null;
        position = entries?.at(-1)?.id ?? position;
        return entries;
      } catch (error) {
        checked = false;
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
