import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Refusal, StartupError, errorMessage } from "./errors.ts";

export interface DatabaseOptions {
  file: string;
  /** The file never grows past this; writes that would are refused. */
  maxBytes: number;
}

interface Waiting {
  work: () => void;
  resolve: () => void;
  reject: (error: Refusal) => void;
}

/** The replica's one embedded database. */
export interface Database {
  prepare(sql: string): StatementSync;
  exec(sql: string): void;
  /**
   * Runs `work` in a transaction and resolves when it is on disk; rejects with a `Refusal`
   * (`unavailable`), and nothing of it done, if that fails. Writes of one turn of the event loop share
   * a transaction, so that many cost one fsync.
   */
  write(work: () => void): Promise<void>;
  /**
   * Runs `work` in a transaction of its own, now, without waiting for the disk: it survives the end of
   * this process, but not a power cut.
   *
   * @throws {Refusal} `unavailable`, and nothing of it done, if that fails.
   */
  writeAtOnce<T>(work: () => T): T;
  /** Writes what waits, then closes. */
  close(): void;
}

/** @throws {StartupError} when the file can't be opened or is not a sound database. */
export function openDatabase({ file, maxBytes }: DatabaseOptions): Database {
  const db = open(file, maxBytes);
  let waiting: Waiting[] = [];
  let closed = false;

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      transaction(db, () => {
        for (const { work } of batch) work();
      });
    } catch (cause) {
      if (batch.length > 1) return retryOneByOne(batch);
      batch[0]?.reject(new Refusal("unavailable", "this could not be stored; try again later", { cause }));
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
    prepare: (sql) => db.prepare(sql),
    exec: (sql) => db.exec(sql),
    write(work) {
      if (closed) return Promise.reject(new Refusal("unavailable", "the server is stopping"));
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ work, resolve, reject });
      });
    },
    writeAtOnce(work) {
      if (closed) throw new Refusal("unavailable", "the server is stopping");
      db.exec("PRAGMA synchronous = NORMAL");
      try {
        return transaction(db, work);
      } catch (cause) {
        throw new Refusal("unavailable", "this could not be stored; try again later", { cause });
      } finally {
        db.exec("PRAGMA synchronous = FULL");
      }
    },
    close() {
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
    // FULL: what is acknowledged survives a power cut, not just a crash of the process.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000");
    checkSound(db);
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

function transaction<T>(db: DatabaseSync, work: () => T): T {
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
