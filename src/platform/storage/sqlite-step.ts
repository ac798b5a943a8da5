import type { DatabaseSync } from "node:sqlite";
import { type Tables, tablesIn } from "./sqlite-tables.ts";
import { TransactionMistake, refuseControl, synchronous } from "./sqlite-transaction.ts";

/**
 * SQL, or a function for what SQL alone can't do. Both run inside a transaction, so neither has a BEGIN or a COMMIT,
 * and a function is synchronous (`undefined` refuses an async one).
 */
export type MigrationStep = string | ((db: StepDatabase) => undefined);

type StepDatabase = Pick<DatabaseSync, "exec" | "prepare">;

/** A step ended the transaction that it ran in. */
export class TransactionEnded extends Error {}

/** Gone when the transaction was committed or rolled back since, also when another one began. */
const savepoint = "trimaran_step";

/**
 * Runs one step.
 *
 * @throws {TransactionEnded} when the transaction is not the one before.
 * @throws {StartupError} when the step has a table of another owner.
 */
export function runStep(db: DatabaseSync, step: MigrationStep, owner: string, tables: Tables): void {
  const before = tables.all();
  const named: string[] = [];
  db.exec(`SAVEPOINT ${savepoint}`);
  try {
    run(db, step, (sql) => void named.push(...tablesIn(sql)));
  } catch (cause) {
    // SQLite rolls back by itself where it can't go on, as on a full disk: that is for the caller to tell apart.
    if (!release(db)) throw new TransactionEnded(String(cause), { cause });
    throw cause;
  }
  if (!release(db)) throw new TransactionEnded("it ends the transaction that all steps run in");
  tables.settle(owner, before, named);
}

function run(db: DatabaseSync, step: MigrationStep, note: (sql: string) => void): void {
  if (typeof step === "string") {
    note(step);
    db.exec(step);
    return;
  }
  let isOver = false;
  const taken = (sql: string): string => {
    if (isOver) throw new TransactionMistake("a step's database can't be used after the step");
    note(sql);
    return sql;
  };
  try {
    synchronous(() =>
      step({
        exec: (sql) => db.exec(taken(sql)),
        prepare(sql) {
          refuseControl(sql);
          return db.prepare(taken(sql));
        },
      }),
    );
  } finally {
    isOver = true;
  }
}

/** @returns whether the savepoint was still there. */
function release(db: DatabaseSync): boolean {
  try {
    db.exec(`RELEASE ${savepoint}`);
    return true;
  } catch {
    return false;
  }
}
