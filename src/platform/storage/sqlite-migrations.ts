import type { DatabaseSync } from "node:sqlite";
import { StartupError, errorMessage } from "../util/errors.ts";
import { transaction } from "./sqlite-transaction.ts";
import { version } from "../util/version.ts";

/**
 * SQL, or a function for what SQL alone can't do. Both run inside a transaction, so neither has a BEGIN or a COMMIT,
 * and a function is synchronous (`undefined` refuses an async one).
 */
export type MigrationStep = string | ((db: Pick<DatabaseSync, "exec" | "prepare">) => undefined);

/** The layout of the file itself, kept as `PRAGMA user_version`: 0 is a file of 0.1.0, 1 has the table `migrations`. */
const layout = 1;

const wayBack =
  "start that version again, restore a copy of the file from before the upgrade, or name another file";

/** Changes nothing. @throws {StartupError} when a newer version wrote the file. */
export function checkLayout(db: DatabaseSync, file: string): void {
  const found = layoutOf(db);
  if (found <= layout) return;
  throw new StartupError(
    `Cannot open DATA_FILE="${file}": the file's layout has version ${found}, and this server (Trimaran ${version}) ` +
      `knows layouts up to ${layout}. A newer Trimaran wrote the file, or another program: ${wayBack}. ` +
      "The file was left as it is.",
  );
}

/** Brings the file to this version's layout. */
export function upgradeLayout(db: DatabaseSync): void {
  transaction(db, () => {
    if (layoutOf(db) >= layout) return;
    db.exec("CREATE TABLE migrations (owner TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
    db.exec(`PRAGMA user_version = ${layout}`);
  });
}

/** `Database.migrate` says what it does. */
export function migrate(
  db: DatabaseSync,
  file: string,
  owner: string,
  steps: readonly MigrationStep[],
): void {
  const tables = `the tables of "${owner}" in DATA_FILE="${file}"`;
  let at = "";
  try {
    transaction(db, () => {
      const recorded = db.prepare("SELECT version FROM migrations WHERE owner = ?").get(owner);
      const from = Number(recorded?.["version"] ?? 0);
      if (from > steps.length)
        throw new StartupError(
          `Cannot use ${tables}: they have version ${from}, and this server (Trimaran ${version}) knows versions up ` +
            `to ${steps.length}. A newer Trimaran wrote them: ${wayBack}. The tables were left as they are.`,
        );
      for (const [index, step] of steps.entries()) {
        if (index < from) continue;
        at = `step ${index + 1}: `;
        if (typeof step === "string") db.exec(step);
        else step(db);
      }
      if (from < steps.length)
        db.prepare("INSERT OR REPLACE INTO migrations (owner, version) VALUES (?, ?)").run(
          owner,
          steps.length,
        );
    });
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    throw new StartupError(
      `Cannot bring ${tables} to version ${steps.length}: ${at}${errorMessage(cause)}. They were left as they are: ` +
        "mend the cause and start again, or start the version that wrote them.",
      { cause },
    );
  }
}

function layoutOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
