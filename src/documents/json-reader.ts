import { Worker } from "node:worker_threads";
import { Refusal } from "../shared/errors.ts";

export interface JsonReaderOptions {
  /** How long one document may take. */
  deadlineMs?: number;
  /** Documents that may wait for their turn. */
  maxWaiting?: number;
  /** After so long without work the thread, and its memory, go. */
  idleMs?: number;
}

/**
 * Turns documents into JSON, one at a time, in a thread of its own.
 *
 * Whoever can write to a document can make reading its content take as long as they like: Yjs compares
 * what was inserted at one place with all else that was, so that 90 KB take 11 s of a processor. A thread
 * can be ended; the server and its other clients notice nothing.
 */
export function createJsonReader({
  deadlineMs = 2000,
  maxWaiting = 32,
  idleMs = 10_000,
}: JsonReaderOptions = {}) {
  let worker: Worker | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function end(): Promise<void> {
    clearTimeout(idleTimer);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  }

  async function convert(update: Uint8Array): Promise<string> {
    clearTimeout(idleTimer);
    if (!worker) {
      worker = new Worker(new URL("json-worker.ts", import.meta.url));
      // Told to whoever waits below; without anybody it is of no interest, and must not end the process.
      worker.on("error", () => undefined).unref();
    }
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(
      () =>
        reject(
          new Refusal("too_large", "it takes too long to show this document as JSON; ask for its binary"),
        ),
      deadlineMs,
    );
    const thread = worker;
    const onMessage = ({ json }: { json?: string }) => resolve(json);
    thread.on("message", onMessage).on("error", reject);
    try {
      thread.postMessage(update);
      const json = await promise;
      if (json === undefined)
        throw new Refusal("invalid", "this document holds what can't be shown as JSON; ask for its binary");
      return json;
    } catch (error) {
      // An error of a thread's has ended it already.
      if (!(error instanceof Refusal) || error.code === "too_large") await end();
      throw error;
    } finally {
      clearTimeout(timer);
      thread.off("message", onMessage).off("error", reject);
      idleTimer = setTimeout(() => void end(), idleMs);
      idleTimer.unref();
    }
  }

  return {
    /** @throws {Refusal} `overloaded`, `too_large` when it takes too long, `invalid` when it is no JSON. */
    async read(update: Uint8Array): Promise<string> {
      if (waiting >= maxWaiting)
        throw new Refusal("overloaded", "too many documents wait to be shown as JSON");
      waiting += 1;
      const converting = turn.then(() => convert(update)).finally(() => (waiting -= 1));
      turn = converting.catch(() => undefined);
      return converting;
    },
    close: end,
  };
}
