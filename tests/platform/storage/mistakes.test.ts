import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { type Database, openDatabase } from "../../../src/platform/storage/sqlite.ts";
import type { MigrationStep } from "../../../src/platform/storage/sqlite-migrations.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { refusalOf } from "../../support/startup-refusal.ts";

const create = "CREATE TABLE polls (question TEXT)";
const folder = temporaryFolder();
let files = 0;
const newFile = () => join(folder, `${(files += 1)}.sqlite`);
const open = (file: string) => openDatabase({ file, maxBytes: 2 ** 30 });

/** Opens the file for one work, and closes it again. */
function withDatabase(file: string, work: (database: Database) => void): void {
  const database = open(file);
  try {
    work(database);
  } finally {
    database.close();
  }
}
const upgrade = (file: string, owner: string, ...steps: MigrationStep[]) =>
  withDatabase(file, (database) => database.migrate(owner, steps));

/** With another connection than the server's. */
function edit<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}
const tablesOf = (file: string) =>
  edit(file, (db) =>
    db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'migration%' ORDER BY name",
      )
      .all()
      .map(({ name }) => name),
  );
const versionOf = (file: string, owner: string) =>
  edit(file, (db) => db.prepare("SELECT version FROM migrations WHERE owner = ?").get(owner)?.["version"]);

describe("a step that ends the transaction", () => {
  for (const [name, step] of [
    ["COMMIT", "CREATE TABLE votes (n); COMMIT"],
    ["COMMIT and BEGIN", "CREATE TABLE votes (n); COMMIT; BEGIN; CREATE TABLE later (n)"],
    ["COMMIT before an error", "CREATE TABLE votes (n); COMMIT; CREATE TABEL later (n)"],
    ["COMMIT in a function", (db) => void db.exec("CREATE TABLE votes (n); COMMIT") as undefined],
  ] as [string, MigrationStep][])
    test(`by ${name} is refused, with what is in the file`, () => {
      const file = newFile();
      upgrade(file, "polls", create);
      const message = refusalOf(() => upgrade(file, "polls", create, "CREATE TABLE ballots (n)", step));
      assert.match(message, /to version 3: step 3: it ends the transaction/);
      assert.match(message, /The steps before it are done, and what it did up to then is in the file/);
      assert.deepEqual(tablesOf(file), ["ballots", "polls", "votes"]);
      assert.equal(versionOf(file, "polls"), 2);
      // The file can be used, and says still how far it is.
      upgrade(file, "polls", create, "CREATE TABLE ballots (n)");
    });

  for (const step of ["CREATE TABLE votes (n); ROLLBACK", "ROLLBACK; BEGIN; CREATE TABLE votes (n)"])
    test(`by "${step}" is refused, and nothing is in the file`, () => {
      const file = newFile();
      const message = refusalOf(() => upgrade(file, "polls", create, step));
      assert.match(message, /step 2: it ends the transaction .* They were left as they are/);
      assert.deepEqual(tablesOf(file), []);
      assert.equal(versionOf(file, "polls"), undefined);
      upgrade(file, "polls", create);
    });

  test("can't be one that prepares a COMMIT, or uses its database later", () => {
    let kept: Parameters<Exclude<MigrationStep, string>>[0] | undefined;
    const file = newFile();
    const prepares: MigrationStep = (db) => void db.prepare(" -- now\n COMMIT").run() as undefined;
    assert.match(
      refusalOf(() => upgrade(file, "polls", prepares)),
      /step 1: COMMIT can't be prepared/,
    );
    upgrade(file, "polls", (db) => void (kept = db) as undefined);
    assert.throws(() => kept?.exec("BEGIN"), /can't be used after the step/);
  });
});

describe("steps that a file has had", () => {
  const second = "CREATE TABLE votes (poll INTEGER)";

  test("are refused when they were edited, moved, or are not the first any more", () => {
    const file = newFile();
    upgrade(file, "polls", create, second);
    for (const [changed, steps] of [
      [1, [second, create]],
      [1, ["CREATE TABLE polls (question TEXT, at INTEGER)", second]],
      [2, [create, "CREATE TABLE between (n)", second]],
      [2, [create, () => undefined, second]],
    ] as [number, MigrationStep[]][])
      assert.match(
        refusalOf(() => upgrade(file, "polls", ...steps)),
        new RegExp(`Cannot use the tables of "polls" .*step ${changed} is another one now`),
      );
    upgrade(file, "polls", create.replace(" (", "\n  ("), `${second}\n`, "CREATE TABLE later (n)");
    assert.deepEqual(tablesOf(file), ["later", "polls", "votes"]);
  });

  test("are taken as they are where the file has no hash of them, and are known from then on", () => {
    const file = newFile();
    upgrade(file, "polls", create);
    // As this version's files were before.
    edit(file, (db) => db.exec("DROP TABLE migration_steps; DROP TABLE migration_tables"));
    upgrade(file, "polls", `${create} -- edited`);
    assert.match(
      refusalOf(() => upgrade(file, "polls", create)),
      /step 1 is another one now/,
    );
    assert.match(
      refusalOf(() => upgrade(file, "surveys", "DROP TABLE polls")),
      /step 1: it makes or changes the table "polls", which is of "polls"/,
    );
  });
});

describe("a table", () => {
  test("is of one owner: another can't create, change or drop it", () => {
    const file = newFile();
    upgrade(file, "polls", create, (db) => void db.exec("CREATE TABLE Votes (n)") as undefined);
    for (const step of [
      "CREATE TABLE IF NOT EXISTS polls (title TEXT)",
      'CREATE TABLE IF NOT EXISTS "votes" (n)',
      "ALTER TABLE polls ADD COLUMN title TEXT",
      "ALTER TABLE votes RENAME TO surveys",
      "DROP TABLE votes",
      (db) => void db.prepare("CREATE TABLE IF NOT EXISTS polls (title TEXT)").run() as undefined,
      "DROP TABLE migrations; CREATE TABLE migrations (x)",
    ] as MigrationStep[]) {
      const message = refusalOf(() => upgrade(file, "surveys", step));
      assert.match(message, /step 1: it makes or changes the table "\w+", which is of "(?:polls|Trimaran)"/);
    }
    assert.deepEqual(tablesOf(file), ["Votes", "polls"]);
    upgrade(file, "surveys", "CREATE TABLE surveys (title TEXT)");
    assert.equal(versionOf(file, "surveys"), 1);
  });

  test("that its owner dropped or renamed can be another's", () => {
    const file = newFile();
    upgrade(file, "polls", create, "ALTER TABLE polls RENAME TO old_polls", "DROP TABLE old_polls");
    upgrade(file, "surveys", create, "CREATE TABLE old_polls (n)");
    assert.deepEqual(tablesOf(file), ["old_polls", "polls"]);
  });
});

describe("work for the database", () => {
  test("that is async is refused as a mistake, and its neighbours are stored", async () => {
    const database = open(newFile());
    database.migrate("polls", [create]);
    const insert = database.prepare("INSERT INTO polls VALUES (?)");
    const later = (async () => {
      insert.run("async");
      await Promise.reject(new Error("nothing waits for this"));
    }) as unknown as () => void;
    const outcomes = await Promise.allSettled([
      database.write(() => insert.run("one")),
      database.write(later),
      database.write(() => insert.run("two")),
    ]);
    assert.deepEqual(
      outcomes.map((each) => (each.status === "rejected" ? String(each.reason) : each.status)),
      [
        "fulfilled",
        "TransactionMistake: the work of a transaction returned a promise: it can't be async. Await first, then write what is to be stored",
        "fulfilled",
      ],
    );
    assert.throws(() => database.writeAtOnce(later), /returned a promise/);
    // @ts-expect-error An async function is refused by its type.
    await assert.rejects(database.write(async () => {}));
    const rows = database.prepare("SELECT question FROM polls ORDER BY question").all();
    assert.deepEqual(
      rows.map(({ question }) => question),
      ["one", "two"],
    );
    database.close();
  });

  test("can't leave a transaction open, or begin one inside another; what follows is stored", async () => {
    const database = open(newFile());
    database.migrate("polls", [create]);
    const insert = database.prepare("INSERT INTO polls VALUES ('tea?')");
    for (const sql of ["BEGIN", "begin immediate", "/* a */ ;COMMIT", "END", "SAVEPOINT a", "Rollback"])
      assert.throws(() => database.prepare(sql), /can't be prepared: database\.write/);
    await assert.rejects(
      database.write(() => database.writeAtOnce(() => insert.run())),
      /can't begin in the work of another/,
    );
    assert.throws(
      () => database.writeAtOnce(() => database.writeAtOnce(() => insert.run())),
      /can't begin in the work of another/,
    );
    await database.write(() => insert.run());
    assert.equal(database.prepare("SELECT count(*) AS count FROM polls").get()?.["count"], 1);
    database.close();
  });
});

describe("a file with a number that is not its own", () => {
  for (const [name, prepare, says] of [
    [
      "of Trimaran's, reset to 0",
      "PRAGMA user_version = 0",
      /has the table "migrations" .* user_version is 0, not 1\. .*PRAGMA user_version = 1/,
    ],
    ["that is negative", "PRAGMA user_version = -3", /layout has version -3.*or another program/],
  ] as const)
    test(`${name} is refused in words, and left as it is`, () => {
      const file = newFile();
      upgrade(file, "polls", create);
      edit(file, (db) => db.exec(prepare));
      const before = readFileSync(file);
      assert.match(
        refusalOf(() => open(file)),
        says,
      );
      assert.deepEqual(readFileSync(file), before);
    });

  for (const sql of [
    "CREATE TABLE other (x); PRAGMA user_version = 1",
    "CREATE TABLE migrations (id INTEGER, name TEXT); PRAGMA user_version = 1",
    "CREATE TABLE migrations (id INTEGER, name TEXT)",
  ])
    test(`of another program is refused in words, and left as it is: ${sql}`, () => {
      const file = newFile();
      edit(file, (db) => db.exec(sql));
      const before = readFileSync(file);
      assert.match(
        refusalOf(() => open(file)),
        /Another program wrote the file: name another one/,
      );
      assert.deepEqual(readFileSync(file), before);
    });
});
