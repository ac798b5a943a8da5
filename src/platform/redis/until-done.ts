import type { Logger } from "../observability/log.ts";
import type { RedisLink } from "./connection-supervisor.ts";

const retryMs = 1000;

/**
 * Does work for a listener of Redis' return, until it succeeds. One call at a time; what is asked for meanwhile is one
 * more call. A call that failed is made again after a second, while Redis is up.
 *
 * @param work `briefly` only if Redis surely had its data each time that the work was asked for and did not succeed.
 */
export function untilDone(
  work: (briefly: boolean) => void | Promise<void>,
  link: Pick<RedisLink, "whenUp" | "isClosed">,
  log: Logger,
) {
  /** Undefined when nothing is to be done. */
  let wanted: boolean | undefined;
  let isRunning = false;
  let isStopped = false;

  function want(briefly: boolean): void {
    wanted = briefly && (wanted ?? true);
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (wanted !== undefined) {
      await link.whenUp();
      if (isStopped || link.isClosed()) break;
      const briefly: boolean = wanted;
      wanted = undefined;
      try {
        await work(briefly);
      } catch (error) {
        log.warn({ err: error }, "work after Redis' return failed, trying again");
        want(briefly);
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
    isRunning = false;
  }

  return {
    /** Never rejects. */
    start(briefly: boolean): void {
      want(briefly);
      if (!isRunning) void run();
    },
    stop(): void {
      isStopped = true;
    },
  };
}
