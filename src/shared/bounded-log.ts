import type { Logger } from "./log.ts";

/** Lines a second of one message: what fails each time it is done must neither fill the disk nor stall the process. */
const maxLines = 20;
const maxMessages = 1000;

type Write = (...args: unknown[]) => void;

/**
 * The log with so many warnings and errors a second of each message. The next line of it tells, as `moreBefore`, how
 * many are missing before it.
 */
export function boundLog(log: Logger): Logger {
  const counts = new Map<string, { second: number; lines: number; unlogged: number }>();

  function bounded(write: Write): Write {
    return (...args) => {
      const message = String(args.find((arg) => typeof arg === "string"));
      const second = Math.floor(performance.now() / 1000);
      const before = counts.get(message) ?? { second, lines: 0, unlogged: 0 };
      if (before.second !== second) Object.assign(before, { second, lines: 0 });
      counts.set(message, before);
      for (const oldest of counts.keys()) {
        if (counts.size <= maxMessages) break;
        counts.delete(oldest);
      }
      before.lines += 1;
      if (before.lines > maxLines) return void (before.unlogged += 1);
      const { unlogged } = before;
      before.unlogged = 0;
      if (unlogged === 0) return write(...args);
      const fields = typeof args[0] === "object" ? args.shift() : {};
      write({ ...(fields as object), moreBefore: unlogged }, ...args);
    };
  }

  return Object.assign(Object.create(log) as Logger, {
    warn: bounded(log.warn.bind(log) as Write),
    error: bounded(log.error.bind(log) as Write),
  });
}
