import type { DatabaseSync } from "node:sqlite";

/** Work as TypeScript takes it: not async, as only what runs before the first `await` would be in the transaction. */
export type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/** A mistake in the code that uses the database. Trying again does not help. */
export class TransactionMistake extends Error {
  override name = "TransactionMistake";
}

const running = new WeakSet<DatabaseSync>();

/**
 * Runs `work` in a transaction: when it throws, nothing of it is done. Waits for another process that writes.
 *
 * @throws {TransactionMistake} when `work` is async, or is itself in the work of a transaction.
 */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  refuseNesting(db);
  running.add(db);
  try {
    db.exec("BEGIN IMMEDIATE");
    const result = synchronous(work);
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite may have rolled back already, as on a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  } finally {
    running.delete(db);
  }
}

/** @throws {TransactionMistake} in the work of a transaction. */
export function refuseNesting(db: DatabaseSync): void {
  if (running.has(db))
    throw new TransactionMistake(
      "a transaction can't begin in the work of another: call writeAtOnce and migrate outside of it",
    );
}

/** What `work` returns. @throws {TransactionMistake} when that is a promise. */
export function synchronous<T>(work: () => T): T {
  const result = work();
  if (!(result instanceof Promise)) return result;
  // How the rest of it ends is of no interest any more.
  result.catch(() => {});
  throw new TransactionMistake(
    "the work of a transaction returned a promise: it can't be async. Await first, then write what is to be stored",
  );
}

const control =
  /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/**
 * A transaction that stays open would make every later write fail.
 *
 * @throws {TransactionMistake} when the statement begins or ends one.
 */
export function refuseControl(sql: string): void {
  const statement = control.exec(sql)?.[1];
  if (statement !== undefined)
    throw new TransactionMistake(
      `${statement.toUpperCase()} can't be prepared: database.write and database.writeAtOnce begin and end transactions`,
    );
}
