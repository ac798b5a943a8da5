import type { Logger } from "./log.ts";

/** Reasons that are kept of one outage; more of them would say nothing new. */
const maxReasons = 20;
const lookEveryMs = 1000;

/**
 * Logs why Redis is down, each reason once per outage: no route tells it, as a reason may hold addresses and names,
 * and the line at the start of an outage has the first reason alone ("not connected yet", then `WRONGPASS`).
 */
export function logOutageReasons(status: () => { up: boolean; lastError: string | undefined }, log: Logger) {
  const logged = new Set<string>();
  const timer = setInterval(() => {
    const { up, lastError: reason } = status();
    if (up) return logged.clear();
    if (reason === undefined || logged.has(reason) || logged.size >= maxReasons) return;
    logged.add(reason);
    log.warn({ reason }, "Redis is down");
  }, lookEveryMs);
  timer.unref();
  return { close: (): void => clearInterval(timer) };
}
