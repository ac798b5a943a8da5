import type { Logger } from "../shared/log.ts";

/** Where something in Redis was not what it should be. */
export type MalformedSource = "stream" | "pubsub" | "session";

export type OnMalformed = (source: MalformedSource) => void;

/** A flood of garbage must not become one of log lines. */
const logEveryMs = 10_000;

/** Counts what was dropped, and says so now and then; without its content, which is somebody's. */
export function createMalformedCounter(onMalformed: OnMalformed, log: Logger): OnMalformed {
  const unsaid = new Map<MalformedSource, number>();
  const saidAt = new Map<MalformedSource, number>();

  return (source) => {
    onMalformed(source);
    const count = (unsaid.get(source) ?? 0) + 1;
    unsaid.set(source, count);
    const now = performance.now();
    if (now - (saidAt.get(source) ?? -Infinity) < logEveryMs) return;
    saidAt.set(source, now);
    unsaid.set(source, 0);
    log.warn({ source, count }, "what Redis holds there is malformed, and was dropped");
  };
}
