import { boundLog } from "./bounded-log.ts";
import type { Logger } from "./log.ts";

/** The test command looks for this line (deploy/local/process.ts). */
const message = "an error that nothing caught";

export interface UncaughtOptions {
  log: Logger;
  /** Called for each of them, also for those that are not logged. */
  count: () => void;
}

/**
 * Logs the errors that nothing caught, and goes on: Socket.IO calls listeners of the app in a turn of its own, where
 * only the process can catch what they throw, and one mistake in one listener must not end all connections.
 */
export function logUncaught({ log, count }: UncaughtOptions): void {
  const bounded = boundLog(log);

  function report(error: unknown): void {
    count();
    // What was thrown may be no error, and has no stack then.
    bounded.error({ err: error instanceof Error ? error : new Error(`thrown: ${describe(error)}`) }, message);
  }

  process.on("uncaughtException", report);
  process.on("unhandledRejection", report);
}

function describe(value: unknown): string {
  try {
    return String(value).slice(0, 1024);
  } catch {
    return typeof value;
  }
}
