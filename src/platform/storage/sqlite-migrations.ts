import type { DatabaseSync } from "node:sqlite";
import { StartupError, errorMessage } from "../util/errors.ts";
import { version } from "../util/version.ts";
import { wayBack } from "./sqlite-layout.ts";
import { type StepRecord, createRecord } from "./sqlite-record.ts";
import { type MigrationStep, TransactionEnded, runStep } from "./sqlite-step.ts";
import { createTables, tablesIn } from "./sqlite-tables.ts";
import { transaction } from "./sqlite-transaction.ts";

export type { MigrationStep };

/** `Database.migrate` says what it does. */
export function migrate(
  db: DatabaseSync,
  file: string,
  owner: string,
  steps: readonly MigrationStep[],
): void {
  const what = `the tables of "${owner}" in DATA_FILE="${file}"`;
  const record = createRecord(db, owner);
  const tables = createTables(db);
  let at = 0;
  try {
    transaction(db, () => {
      const from = record.version();
      checkRecord(what, record, from, steps);
      tables.adopt(
        owner,
        steps.slice(0, from).flatMap((step) => (typeof step === "string" ? tablesIn(step) : [])),
      );
      if (from === steps.length) return;
      record.begin();
      for (const [index, step] of steps.entries()) {
        if (index < from) continue;
        at = index + 1;
        runStep(db, step, owner, tables);
        record.add(step, at);
      }
      record.end();
    });
  } catch (cause) {
    if (at === 0 && cause instanceof StartupError) throw cause;
    // A transaction that was rolled back has left no mark; one that a step committed has.
    const isKept = at > 0 && record.end();
    const hasEnded = cause instanceof TransactionEnded && (isKept || cause.cause === undefined);
    const problem = hasEnded
      ? `it ends the transaction that all steps run in. Take COMMIT, END and ROLLBACK out of it`
      : errorMessage(cause instanceof TransactionEnded ? cause.cause : cause);
    throw new StartupError(
      `Cannot bring ${what} to version ${steps.length}: ${at === 0 ? "" : `step ${at}: `}${problem}. ` +
        (isKept
          ? `The steps before it are done, and what it did up to then is in the file: restore a copy of the file from ` +
            "before the upgrade, and start again."
          : "They were left as they are: mend the cause and start again, or start the version that wrote them."),
      { cause },
    );
  }
}

/** @throws {StartupError} when the steps are not those, or not all of those, that the tables have had. */
function checkRecord(what: string, record: StepRecord, from: number, steps: readonly MigrationStep[]): void {
  if (from > steps.length)
    throw new StartupError(
      `Cannot use ${what}: they have version ${from}, and this server (Trimaran ${version}) knows versions up ` +
        `to ${steps.length}. A newer Trimaran wrote them: ${wayBack}. The tables were left as they are.`,
    );
  const changed = record.firstChanged(steps.slice(0, from));
  if (changed !== undefined)
    throw new StartupError(
      `Cannot use ${what}: they have had ${from} of the steps, and step ${changed} is another one now. Leave steps as ` +
        "and where they are, and append what is new as a step of its own. A file that only tried them out can be " +
        "deleted. The tables were left as they are.",
    );
}
