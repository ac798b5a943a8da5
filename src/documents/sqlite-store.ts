import type { Database } from "../shared/sqlite.ts";
import type { LocalStore } from "./stores.ts";

/** The embedded store: one table of the replica's database. */
export function createSqliteStore(database: Database): LocalStore {
  database.exec(
    "CREATE TABLE IF NOT EXISTS updates (seq INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, bytes BLOB NOT NULL);" +
      "CREATE INDEX IF NOT EXISTS updates_by_document ON updates (document_id, seq)",
  );
  const insert = database.prepare("INSERT INTO updates (document_id, bytes) VALUES (?, ?)");
  const select = database.prepare("SELECT seq, bytes FROM updates WHERE document_id = ? ORDER BY seq");
  const remove = database.prepare("DELETE FROM updates WHERE document_id = ? AND seq <= ?");
  const ids = database.prepare("SELECT DISTINCT document_id AS id FROM updates");

  return {
    append: (documentId, update) => database.write(() => insert.run(documentId, update)),
    read(documentId) {
      const rows = select.all(documentId) as { seq: number; bytes: Uint8Array }[];
      return { updates: rows.map((row) => row.bytes), mark: rows.at(-1)?.seq ?? 0 };
    },
    replace: (documentId, mark, update) =>
      database.write(() => {
        // Inserted first, and so after `mark`: the delete can't touch it.
        insert.run(documentId, update);
        remove.run(documentId, mark);
      }),
    forget: (documentId, mark) => database.write(() => remove.run(documentId, mark)),
    documentIds: () => (ids.all() as { id: string }[]).map((row) => row.id),
  };
}
