import type { Database } from "../storage/sqlite.ts";

/** An event for the stream that could not be published yet. */
export interface OutboxEntry {
  /** Its number among those of its publisher. */
  sequence: number;
  /** The adapter's fields; `uid` names the publisher, which may be an earlier process. */
  fields: Record<string, string>;
  /** The key of what may be published once. */
  once: string | undefined;
  at: number;
}

/**
 * Keeps the outbox across a crash of the process.
 * MUST: what `add` resolved for is in `load` of the next process, in order, until it is removed.
 */
export interface OutboxStore {
  load(): OutboxEntry[];
  add(entry: OutboxEntry): Promise<void>;
  remove(entry: OutboxEntry): Promise<void>;
}

/** The outbox as a table of the replica's database. */
export function createSqliteOutbox(database: Database): OutboxStore {
  database.migrate("outbox", [
    "CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, publisher TEXT NOT NULL, sequence INTEGER NOT NULL, entry TEXT NOT NULL);" +
      "CREATE INDEX IF NOT EXISTS outbox_by_number ON outbox (publisher, sequence)",
  ]);
  const insert = database.prepare("INSERT INTO outbox (publisher, sequence, entry) VALUES (?, ?, ?)");
  const select = database.prepare("SELECT entry FROM outbox ORDER BY position");
  const remove = database.prepare("DELETE FROM outbox WHERE publisher = ? AND sequence = ?");
  const publisherOf = ({ fields }: OutboxEntry) => fields["uid"] ?? "";

  return {
    load() {
      const entries = (select.all() as { entry: string }[]).map(
        ({ entry }) => JSON.parse(entry) as OutboxEntry,
      );
      // Written as attempts failed, which may be in another order than that of publication.
      const publishers = [...new Set(entries.map(publisherOf))];
      return entries.toSorted(
        (a, b) =>
          publishers.indexOf(publisherOf(a)) - publishers.indexOf(publisherOf(b)) || a.sequence - b.sequence,
      );
    },
    add: (entry) =>
      database.write(() => insert.run(publisherOf(entry), entry.sequence, JSON.stringify(entry))),
    remove: (entry) => database.write(() => remove.run(publisherOf(entry), entry.sequence)),
  };
}
