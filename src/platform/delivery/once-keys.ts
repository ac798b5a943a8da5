import type { Database } from "../storage/sqlite.ts";

/** Remembers what was delivered once, for a replica that no other shares the memory of. */
export interface OnceKeys {
  /**
   * Takes a key before its event is delivered.
   * MUST: a key that was taken stays so for the next process, also if this one is killed right after.
   *
   * @returns false when it was taken before.
   * @throws {Refusal} `unavailable` when it can't be kept.
   */
  claim(key: string): boolean;
}

const keptMs = 10 * 60_000;
const pruneEvery = 1000;

/** The keys of ten minutes, as a table of the replica's database. */
export function createSqliteOnceKeys(database: Database, now = Date.now): OnceKeys {
  database.migrate("idempotency", [
    "CREATE TABLE IF NOT EXISTS once_keys (key TEXT PRIMARY KEY, taken_at INTEGER NOT NULL) WITHOUT ROWID;" +
      "CREATE INDEX IF NOT EXISTS once_keys_by_age ON once_keys (taken_at)",
  ]);
  const insert = database.prepare("INSERT OR IGNORE INTO once_keys (key, taken_at) VALUES (?, ?)");
  const prune = database.prepare("DELETE FROM once_keys WHERE taken_at < ?");
  let untilPrune = 0;

  return {
    claim: (key) =>
      database.writeAtOnce(() => {
        // At the first claim too: a process that is restarted often must not keep keys for ever.
        if (untilPrune === 0) prune.run(now() - keptMs);
        untilPrune = (untilPrune + 1) % pruneEvery;
        return Number(insert.run(key, now()).changes) === 1;
      }),
  };
}
