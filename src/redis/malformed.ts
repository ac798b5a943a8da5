import type { Logger } from "../shared/log.ts";

/** Where something was read from Redis that is not what this version writes there. */
export const malformedSources = [
  "stream",
  "pubsub",
  "session",
  "document",
  "replica",
  "limit",
  "revocation",
] as const;
export type MalformedSource = (typeof malformedSources)[number];

/** Counts a malformed thing, which its finder drops. `what` is told in the log: a place or a reason, never content. */
export type ReportMalformed = (source: MalformedSource, what: object) => void;

/** However much garbage there is, the log has a line of each source so often. */
const logEveryMs = 10_000;

export function createMalformed(
  log: Logger,
  count: (source: MalformedSource) => void,
  now: () => number = () => performance.now(),
): ReportMalformed {
  const latest = new Map<MalformedSource, { loggedAt: number; unlogged: number }>();

  return (source, what) => {
    count(source);
    const before = latest.get(source);
    if (before && now() - before.loggedAt < logEveryMs) {
      before.unlogged += 1;
      return;
    }
    log.warn(
      { source, ...what, ...(before && before.unlogged > 0 && { moreBefore: before.unlogged }) },
      "something malformed in Redis was left out",
    );
    latest.set(source, { loggedAt: now(), unlogged: 0 });
  };
}

/** The error of a key that holds another kind of thing. */
export function isWrongKind(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && cause.message.includes("WRONGTYPE");
}
