import type { DatabaseSync } from "node:sqlite";
import { Refusal } from "../util/errors.ts";
import { TransactionMistake, synchronous, transaction } from "./sqlite-transaction.ts";

interface Waiting {
  work: () => unknown;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Writes of one turn of the event loop share a transaction, so that many cost one fsync. */
export function createSharedWrites(db: DatabaseSync) {
  let waiting: Waiting[] = [];

  /** Runs what waits, now. */
  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      transaction(db, () => {
        for (const { work } of batch) synchronous(work);
      });
    } catch (cause) {
      if (batch.length > 1) return retryOneByOne(batch);
      batch[0]?.reject(notStored(cause));
      return;
    }
    for (const { resolve } of batch) resolve();
  }

  /** One write too large for what is left must not take its neighbours down with it. */
  function retryOneByOne(batch: Waiting[]): void {
    for (const one of batch) {
      waiting.push(one);
      flush();
    }
  }

  return {
    /** Resolves when `work` is on disk; rejects with what `notStored` says if that fails. */
    write: (work: () => unknown): Promise<void> =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ work, resolve, reject });
      }),
    flush,
  };
}

/** `unavailable`, so that it is tried again later; a mistake in the code as it is, so that it is logged. */
export function notStored(cause: unknown): Error {
  if (cause instanceof TransactionMistake) return cause;
  return new Refusal("unavailable", "this could not be stored; try again later", { cause });
}
