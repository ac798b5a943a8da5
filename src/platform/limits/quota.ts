import type { Logger } from "../observability/log.ts";

/**
 * How much of something each replica holds.
 * MUST reject within its deadline when Redis is away, and forget a replica that died within a minute.
 */
export interface QuotaStore {
  /** Tells what is held here of `key`, and gives what all others hold together. */
  tell(key: string, held: number): Promise<number>;
}

export interface QuotaOptions {
  limit: number;
  /** Absent in `single` mode. */
  shared?: QuotaStore | undefined;
  log: Logger;
}

export type Quota = ReturnType<typeof createQuota>;

/**
 * Below this share of the limit other replicas are neither asked nor told: most keys never cost a trip to
 * Redis. What others hold below it is not counted, so that with three replicas the limit is kept to a fifth.
 */
const farFromLimit = 0.1;
const renewEveryMs = 10_000;

/** Bounds how many of something are held at once per key, over all replicas: connections, joined documents. */
export function createQuota({ limit, shared, log }: QuotaOptions) {
  const held = new Map<string, number>();
  const told = new Set<string>();

  function add(key: string, change: number): number {
    const now = (held.get(key) ?? 0) + change;
    if (now > 0) held.set(key, now);
    else held.delete(key);
    return now;
  }

  async function elsewhere(key: string, here: number): Promise<number> {
    if (!shared || (here <= limit * farFromLimit && !told.has(key))) return 0;
    if (here > 0) told.add(key);
    else told.delete(key);
    try {
      return await shared.tell(key, here);
    } catch (error) {
      log.debug({ err: error }, "what other replicas hold is not known now");
      return 0;
    }
  }

  // What is not told again is taken for that of a replica that died.
  const timer = setInterval(() => {
    for (const key of told) void elsewhere(key, held.get(key) ?? 0);
  }, renewEveryMs);
  timer.unref();

  function give(key: string): void {
    void elsewhere(key, add(key, -1));
  }

  return {
    /** Takes one more; false, and nothing is taken, when that would be too many. */
    async take(key: string): Promise<boolean> {
      const here = add(key, 1);
      if (here <= limit && here + (await elsewhere(key, here)) <= limit) return true;
      give(key);
      return false;
    },
    /** Gives back one that was taken. */
    give,
    close: (): void => clearInterval(timer),
  };
}
