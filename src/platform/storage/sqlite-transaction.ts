import type { DatabaseSync } from "node:sqlite";

/** Runs `work` in a transaction: when it throws, nothing of it is done. Waits for another process that writes. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite may have rolled back already, as on a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
