import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartupError, errorMessage } from "../util/errors.ts";
import { checkLayout, upgradeLayout } from "./sqlite-layout.ts";

/** @throws {StartupError} when the file can't be opened, is not a sound database, or a newer version or another program wrote it. */
export function openFile(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    db = new DatabaseSync(file);
    // First: what follows may have to wait for another process that opens the file. (SQLite does not wait where two
    // processes change the journal mode of a new file at once: one of them then gets "database is locked".)
    db.exec("PRAGMA busy_timeout = 2000");
    checkLayout(db, file);
    // FULL: what is acknowledged survives a power cut, not just a crash of the process.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    checkSound(db);
    upgradeLayout(db);
    return db;
  } catch (cause) {
    db?.close();
    if (cause instanceof StartupError) throw cause;
    throw new StartupError(
      `Cannot open the document store DATA_FILE="${file}": ${errorMessage(cause)}. ` +
        "It was left as it is: repair it, restore a copy, or name another file.",
      { cause },
    );
  }
}

function checkSound(db: DatabaseSync): void {
  const verdict = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
  if (verdict.quick_check !== "ok") throw new Error(verdict.quick_check);
}
