import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Refusal, StartupError, errorMessage } from "../shared/errors.ts";
import type { LocalStore } from "./stores.ts";

export interface SqliteOptions {
  file: string;
  /** The file never grows past this; appends that would are refused. */
  maxBytes: number;
}

interface Waiting {
  documentId: string;
  update: Uint8Array;
  resolve: () => void;
  reject: (error: Refusal) => void;
}

/**
 * The embedded store: one table in one SQLite file.
 *
 * Appends of one turn of the event loop share a transaction, so that many cost one fsync.
 *
 * @throws {StartupError} when the file can't be opened or is not a sound database.
 */
export function createSqliteStore({ file, maxBytes }: SqliteOptions): LocalStore {
  const db = open(file, maxBytes);
  const insert = db.prepare("INSERT INTO updates (document_id, bytes) VALUES (?, ?)");
  const select = db.prepare("SELECT seq, bytes FROM updates WHERE document_id = ? ORDER BY seq");
  const remove = db.prepare("DELETE FROM updates WHERE document_id = ? AND seq <= ?");
  const ids = db.prepare("SELECT DISTINCT document_id AS id FROM updates");
  let waiting: Waiting[] = [];
  let closed = false;

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      transaction(db, () => {
        for (const { documentId, update } of batch) insert.run(documentId, update);
      });
    } catch (cause) {
      if (batch.length > 1) return retryOneByOne(batch);
      batch[0]?.reject(
        new Refusal("unavailable", "the change could not be stored; try again later", { cause }),
      );
      return;
    }
    for (const { resolve } of batch) resolve();
  }

  /** One update too large for what is left must not take its neighbours down with it. */
  function retryOneByOne(batch: Waiting[]): void {
    for (const one of batch) {
      waiting.push(one);
      flush();
    }
  }

  return {
    append(documentId, update) {
      if (closed) return Promise.reject(new Refusal("unavailable", "the server is stopping"));
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ documentId, update, resolve, reject });
      });
    },
    read(documentId) {
      const rows = select.all(documentId) as { seq: number; bytes: Uint8Array }[];
      return { updates: rows.map((row) => row.bytes), mark: rows.at(-1)?.seq ?? 0 };
    },
    replace(documentId, mark, update) {
      transaction(db, () => {
        // Inserted first, and so after `mark`: the delete can't touch it.
        insert.run(documentId, update);
        remove.run(documentId, mark);
      });
    },
    forget(documentId, mark) {
      remove.run(documentId, mark);
    },
    documentIds() {
      return (ids.all() as { id: string }[]).map((row) => row.id);
    },
    async close() {
      if (closed) return;
      flush();
      closed = true;
      db.close();
    },
  };
}

function open(file: string, maxBytes: number): DatabaseSync {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const db = new DatabaseSync(file);
    // FULL: an acknowledged change survives a power cut, not just a crash of the process.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000");
    checkSound(db);
    db.exec(
      "CREATE TABLE IF NOT EXISTS updates (seq INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, bytes BLOB NOT NULL);" +
        "CREATE INDEX IF NOT EXISTS updates_by_document ON updates (document_id, seq)",
    );
    const { page_size: pageBytes } = db.prepare("PRAGMA page_size").get() as { page_size: number };
    db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`);
    return db;
  } catch (cause) {
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

function transaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    // SQLite may have rolled back already, as on a full disk.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
