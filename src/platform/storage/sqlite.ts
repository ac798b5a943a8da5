import type { StatementSync } from "node:sqlite";
import { Refusal } from "../util/errors.ts";
import { createOwnership } from "../util/ownership.ts";
import { openFile } from "./sqlite-file.ts";
import { type MigrationStep, migrate } from "./sqlite-migrations.ts";
import { type Synchronous, refuseControl, refuseNesting, transaction } from "./sqlite-transaction.ts";
import { createSharedWrites, notStored } from "./sqlite-writes.ts";

export interface DatabaseOptions {
  file: string;
  /** The file never grows past this: writes that would are refused. Migrations alone may exceed it. */
  maxBytes: number;
}

/** The replica's one embedded database. */
export interface Database {
  /**
   * Brings the tables of one owner (a module or a feature; its name is recorded, so it stays) to the newest of its
   * numbered steps. The file records how many steps each owner's tables have had; those that follow run in order, in
   * one transaction: all of them, or none.
   *
   * To add a table: call this before `prepare`, with one step, `CREATE TABLE polls (…)`. To change a table later:
   * append a step. Never change, move or remove a step that was released, as files exist that had it: the text of each
   * step of SQL is known to the file, and another one is refused. A table belongs to the owner whose step created it.
   *
   * Tables of 0.1.0 have no recorded version, so all steps run on them. That is why the steps of `documents`, `outbox`,
   * `idempotency` and `revocations` that make what 0.1.0 had look whether it is there (`IF NOT EXISTS`,
   * `PRAGMA table_info`). No step added since needs to.
   *
   * @throws {StartupError} and the owner's tables are as before, when a step fails or has a table of another owner,
   * when this was called for the owner before, or when the file records other steps, or more than there are: a newer
   * version of the server wrote these tables. A step that ends the transaction fails, too; the message says what is in
   * the file then.
   */
  migrate(owner: string, steps: readonly MigrationStep[]): void;
  /** @throws {Error} for BEGIN, COMMIT and the like: transactions are those of `write` and `writeAtOnce`. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work`, which can't be async, in a transaction and resolves when it is on disk; rejects with a `Refusal`
   * (`unavailable`), and nothing of it done, if that fails. Writes of one turn of the event loop share
   * a transaction, so that many cost one fsync.
   */
  write<T>(work: () => Synchronous<T>): Promise<void>;
  /**
   * Runs `work` in a transaction of its own, now, without waiting for the disk: it survives the end of
   * this process, but not a power cut.
   *
   * @throws {Refusal} `unavailable`, and nothing of it done, if that fails.
   */
  writeAtOnce<T>(work: () => Synchronous<T>): T;
  /** Writes what waits, then closes. */
  close(): void;
}

/** What `PRAGMA max_page_count` takes for "no limit". */
const unlimitedPages = 2 ** 32 - 2;

/** @throws {StartupError} when the file can't be opened, is not a sound database, or a newer version wrote it. */
export function openDatabase({ file, maxBytes }: DatabaseOptions): Database {
  const db = openFile(file);
  const { page_size: pageBytes } = db.prepare("PRAGMA page_size").get() as { page_size: number };
  const limitPages = (pages: number) => db.exec(`PRAGMA max_page_count = ${pages}`);
  const maxPages = Math.floor(maxBytes / pageBytes);
  limitPages(maxPages);
  const writes = createSharedWrites(db);
  let closed = false;
  const own = createOwnership(
    (name) => `Two parts of the server have tables under the name "${name}": rename those of one of them.`,
  );

  return {
    migrate(owner, steps) {
      own(owner, owner);
      // A server whose file is as large as it may be must still start after an upgrade.
      limitPages(unlimitedPages);
      try {
        migrate(db, file, owner, steps);
      } finally {
        limitPages(maxPages);
      }
    },
    prepare(sql) {
      refuseControl(sql);
      return db.prepare(sql);
    },
    write(work) {
      if (closed) return Promise.reject(new Refusal("unavailable", "the server is stopping"));
      return writes.write(work);
    },
    writeAtOnce(work) {
      if (closed) throw new Refusal("unavailable", "the server is stopping");
      refuseNesting(db);
      db.exec("PRAGMA synchronous = NORMAL");
      try {
        return transaction(db, work);
      } catch (cause) {
        throw notStored(cause);
      } finally {
        db.exec("PRAGMA synchronous = FULL");
      }
    },
    close() {
      if (closed) return;
      writes.flush();
      closed = true;
      db.close();
    },
  };
}
