import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../util/errors.ts";
import { version } from "../util/version.ts";
import { transaction } from "./sqlite-transaction.ts";

/** The layout of the file itself, kept as `PRAGMA user_version`: 0 is a file of 0.1.0, 1 has the table `migrations`. */
const layout = 1;

export const wayBack =
  "start that version again, restore a copy of the file from before the upgrade, or name another file";

/** Changes nothing. @throws {StartupError} when a newer version wrote the file, or another program. */
export function checkLayout(db: DatabaseSync, file: string): void {
  const { found, columns } = read(db);
  const problem = problemOf(found, columns);
  if (problem === undefined) return;
  throw new StartupError(`Cannot open DATA_FILE="${file}": ${problem} The file was left as it is.`);
}

function problemOf(found: number, columns: string): string | undefined {
  if (found > layout || found < 0)
    return (
      `the file's layout has version ${found}, and this server (Trimaran ${version}) ` +
      `knows layouts up to ${layout}. A newer Trimaran wrote the file, or another program: ${wayBack}.`
    );
  const isRecord = columns === "owner,version";
  if (found === layout && !isRecord)
    return (
      `its user_version is ${found}, as of Trimaran's files, but it has no table "migrations" of Trimaran's. ` +
      "Another program wrote the file: name another one."
    );
  if (found === 0 && isRecord)
    return (
      `it has the table "migrations" of Trimaran's files, but its user_version is 0, not ${layout}. ` +
      `Something reset it: restore a copy of the file, or run PRAGMA user_version = ${layout} on it.`
    );
  if (found === 0 && columns !== "")
    return 'it has a table "migrations" that is not Trimaran\'s. Another program wrote the file: name another one.';
  return undefined;
}

/** The layout, and the columns of the table `migrations`: empty without one. */
function read(db: DatabaseSync): { found: number; columns: string } {
  const found = layoutOf(db);
  const columns = db
    .prepare("PRAGMA table_info(migrations)")
    .all()
    .map(({ name }) => String(name))
    .toSorted()
    .join(",");
  // Another process may have brought the file to this layout in between.
  return layoutOf(db) === found ? { found, columns } : read(db);
}

/** Brings the file to this version's layout. */
export function upgradeLayout(db: DatabaseSync): void {
  transaction(db, () => {
    if (layoutOf(db) < layout) {
      db.exec("CREATE TABLE migrations (owner TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
      db.exec(`PRAGMA user_version = ${layout}`);
    }
    // Beside the layout's number: a server that does not know these tables has no use for them, and does no harm.
    db.exec(
      "CREATE TABLE IF NOT EXISTS migration_steps (owner TEXT, step INTEGER, hash TEXT NOT NULL, PRIMARY KEY (owner, step)) WITHOUT ROWID;" +
        "CREATE TABLE IF NOT EXISTS migration_tables (name TEXT PRIMARY KEY, owner TEXT NOT NULL) WITHOUT ROWID",
    );
  });
}

function layoutOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
