import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../util/errors.ts";

const creates =
  /\bCREATE\s+(?:VIRTUAL\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:main\s*\.\s*)?("[^"]+"|`[^`]+`|\[[^\]]+\]|[\w$]+)/gi;

/** The tables that SQL creates, if they are not there. */
export function tablesIn(sql: string): string[] {
  return [...sql.matchAll(creates)].map(([, name = ""]) => name.replaceAll(/["`[\]]/g, "").toLowerCase());
}

/** Of the file itself: no owner's. */
const own = new Set(["migrations", "migration_steps", "migration_tables"]);

/** Which owner each table of a file belongs to. Tables that an earlier version made have none, until a step names them. */
export function createTables(db: DatabaseSync) {
  /** How each table was created, by its name. */
  function all(): Map<string, unknown> {
    const sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*'";
    return new Map(
      db
        .prepare(sql)
        .all()
        .map((table) => [String(table["name"]).toLowerCase(), table["sql"]]),
    );
  }

  function ownerOf(name: string): string | undefined {
    if (own.has(name)) return "Trimaran";
    const row = db.prepare("SELECT owner FROM migration_tables WHERE name = ?").get(name);
    return row && String(row["owner"]);
  }

  const give = (name: string, owner: string) =>
    db.prepare("INSERT OR REPLACE INTO migration_tables (name, owner) VALUES (?, ?)").run(name, owner);

  return {
    all,
    /** Tables of steps that ran before owners were kept. */
    adopt(owner: string, names: readonly string[]): void {
      const there = all();
      for (const name of names) if (there.has(name) && ownerOf(name) === undefined) give(name, owner);
    },
    /**
     * What a step did to tables.
     *
     * @param before what `all` gave before the step.
     * @param named the tables that the step would have created, had they not been there.
     * @throws {StartupError} when another owner has one of them.
     */
    settle(owner: string, before: ReadonlyMap<string, unknown>, named: readonly string[]): void {
      const after = all();
      const touched = [...before.keys(), ...after.keys()].filter(
        (name) => before.get(name) !== after.get(name),
      );
      for (const name of new Set([...touched, ...named.filter((each) => after.has(each))])) {
        const other = ownerOf(name);
        if (other !== undefined && other !== owner)
          throw new StartupError(
            `it makes or changes the table "${name}", which is of "${other}": give each its own table, with a name ` +
              `that begins with "${owner}"`,
          );
        if (after.has(name)) give(name, owner);
        else db.prepare("DELETE FROM migration_tables WHERE name = ?").run(name);
      }
    },
  };
}

export type Tables = ReturnType<typeof createTables>;
