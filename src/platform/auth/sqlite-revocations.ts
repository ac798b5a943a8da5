import type { Database } from "../storage/sqlite.ts";
import type { LocalRevocations, Revocation } from "./revocations.ts";
import { readScope, storeScope } from "./scope.ts";

type Row = Omit<Revocation, "scope"> & { documentId: string };

/** Revocations as a table of the replica's database. */
export function createSqliteRevocations(database: Database): LocalRevocations {
  database.migrate("revocations", [
    "CREATE TABLE IF NOT EXISTS revocations (user_id TEXT NOT NULL, document_id TEXT NOT NULL, action TEXT NOT NULL, revoked_at INTEGER NOT NULL, PRIMARY KEY (user_id, document_id, action)) WITHOUT ROWID",
  ]);
  const select = database.prepare(
    "SELECT user_id AS userId, document_id AS documentId, action, revoked_at AS revokedAtMs FROM revocations",
  );
  const insert = database.prepare(
    "INSERT INTO revocations (user_id, document_id, action, revoked_at) VALUES (?, ?, ?, ?) " +
      "ON CONFLICT DO UPDATE SET revoked_at = max(revoked_at, excluded.revoked_at)",
  );
  const prune = database.prepare("DELETE FROM revocations WHERE revoked_at < ?");

  return {
    all: () =>
      (select.all() as unknown as Row[]).map(({ documentId, ...rest }) => ({
        ...rest,
        scope: readScope(documentId),
      })),
    add: ({ userId, scope, action, revokedAtMs }) =>
      database.write(() => insert.run(userId, storeScope(scope), action, revokedAtMs)),
    prune: (beforeMs) => database.write(() => prune.run(beforeMs)),
  };
}
