import type { Database } from "../../platform/storage/sqlite.ts";
import type { MigrationStep } from "../../platform/storage/sqlite-migrations.ts";
import type { LocalStore } from "./stores.ts";

const steps: readonly MigrationStep[] = [
  "CREATE TABLE IF NOT EXISTS updates (seq INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, bytes BLOB NOT NULL);" +
    "CREATE INDEX IF NOT EXISTS updates_by_document ON updates (document_id, seq)",
  // Rows that have no such column yet are changes.
  (db) => {
    const columns = db.prepare("PRAGMA table_info(updates)").all();
    if (!columns.some(({ name }) => name === "is_base"))
      db.exec("ALTER TABLE updates ADD COLUMN is_base INTEGER NOT NULL DEFAULT 0");
  },
];

/** The embedded store: one table of the replica's database. */
export function createSqliteStore(database: Database): LocalStore {
  database.migrate("documents", steps);
  const insert = database.prepare("INSERT INTO updates (document_id, bytes, is_base) VALUES (?, ?, ?)");
  const select = database.prepare(
    "SELECT seq, bytes, is_base AS isBase FROM updates WHERE document_id = ? ORDER BY seq",
  );
  const remove = database.prepare("DELETE FROM updates WHERE document_id = ? AND seq <= ?");
  const ids = database.prepare("SELECT DISTINCT document_id AS id FROM updates");

  return {
    append: (documentId, update) => database.write(() => insert.run(documentId, update, 0)),
    appendBase: (documentId, state) => database.write(() => insert.run(documentId, state, 1)),
    read(documentId) {
      const rows = select.all(documentId) as { seq: number; bytes: Uint8Array; isBase: number }[];
      const bytesOf = (isBase: number) => rows.filter((row) => row.isBase === isBase).map((row) => row.bytes);
      return { bases: bytesOf(1), changes: bytesOf(0), mark: rows.at(-1)?.seq ?? 0 };
    },
    replace: (documentId, mark, { bases, changes }) =>
      database.write(() => {
        // Inserted first, and so after `mark`: the delete can't touch it.
        for (const base of bases) insert.run(documentId, base, 1);
        for (const change of changes) insert.run(documentId, change, 0);
        remove.run(documentId, mark);
      }),
    forget: (documentId, mark) => database.write(() => remove.run(documentId, mark)),
    documentIds: () => (ids.all() as { id: string }[]).map((row) => row.id),
  };
}
