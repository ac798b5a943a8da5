import type { Logger } from "./log.ts";

/** The test command looks for this line (deploy/local/uncaught-errors.ts). */
const message = "an error that nothing caught";
/** Lines a second: an app's timer that throws each time must not fill the disk. */
const maxLines = 20;

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
  let second = 0;
  let lines = 0;
  let unlogged = 0;

  function report(error: unknown): void {
    count();
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, lines] = [now, 0];
    lines += 1;
    if (lines > maxLines) return void (unlogged += 1);
    // What was thrown may be no error, and has no stack then.
    const err = error instanceof Error ? error : new Error(`thrown: ${describe(error)}`);
    log.error({ err, ...(unlogged > 0 && { moreBefore: unlogged }) }, message);
    unlogged = 0;
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
