import type { PartView } from "../contract.ts";

const ms = (value: number | undefined) =>
  value === undefined ? "–" : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** A part's figures as name and value; those of one that does not answer are not known. */
export function figuresOf({ kind, replica, redis, answerMs, pid, state }: PartView): [string, string][] {
  if (kind === "replica")
    return [
      ["messages/s", replica ? replica.eventsPerSecond.toFixed(1) : "–"],
      ["p50", ms(replica?.p50Ms)],
      ["p99", ms(replica?.p99Ms)],
      ["mode", replica?.mode ?? "–"],
      ["sockets", replica ? String(replica.sockets) : "–"],
      replica && replica.outbox > 0
        ? ["waiting", String(replica.outbox)]
        : ["rooms", replica ? String(replica.rooms) : "–"],
    ];
  const process: [string, string] = ["pid", state === "dead" ? "–" : String(pid)];
  if (kind === "redis")
    return [
      ["commands/s", redis ? String(redis.commandsPerSecond) : "–"],
      ["answers in", ms(answerMs)],
      ["memory", redis?.usedMemory ?? "–"],
      process,
    ];
  return [["answers in", ms(answerMs)], process];
}
