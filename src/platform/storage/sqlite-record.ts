import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { MigrationStep } from "./sqlite-step.ts";

/** In place of a step's number: an owner's steps are running. A transaction that was not committed has none to show. */
const mark = 0;

/** What the file says of one owner's steps. */
export function createRecord(db: DatabaseSync, owner: string) {
  return {
    /** How many steps the owner's tables have had. */
    version(): number {
      const row = db.prepare("SELECT version FROM migrations WHERE owner = ?").get(owner);
      return Number(row?.["version"] ?? 0);
    },
    /** The number of the first of the steps that ran already in another form; those that no hash is known of are noted. */
    firstChanged(ran: readonly MigrationStep[]): number | undefined {
      const rows = db.prepare("SELECT step, hash FROM migration_steps WHERE owner = ?").all(owner);
      const known = new Map(rows.map(({ step, hash }) => [Number(step), hash]));
      for (const [index, step] of ran.entries()) {
        const hash = known.get(index + 1);
        if (hash === undefined) keep(index + 1, hashOf(step));
        else if (hash !== hashOf(step)) return index + 1;
      }
      return undefined;
    },
    begin: () => keep(mark, "running"),
    /** A step is done. */
    add(step: MigrationStep, number: number): void {
      db.prepare("INSERT OR REPLACE INTO migrations (owner, version) VALUES (?, ?)").run(owner, number);
      keep(number, hashOf(step));
    },
    /** All are done, or failed. @returns whether steps that are not all done are in the file. */
    end(): boolean {
      const where = "FROM migration_steps WHERE owner = ? AND step = ?";
      if (!db.prepare(`SELECT 1 ${where}`).get(owner, mark)) return false;
      db.prepare(`DELETE ${where}`).run(owner, mark);
      return true;
    },
  };

  function keep(step: number, hash: string): void {
    db.prepare("INSERT OR REPLACE INTO migration_steps (owner, step, hash) VALUES (?, ?, ?)").run(
      owner,
      step,
      hash,
    );
  }
}

export type StepRecord = ReturnType<typeof createRecord>;

/** Blanks and line ends don't count. Of a function nothing does: its source differs from runtime to runtime. */
function hashOf(step: MigrationStep): string {
  if (typeof step !== "string") return "function";
  return createHash("sha256").update(step.replaceAll(/\s+/g, " ").trim()).digest("hex").slice(0, 16);
}
