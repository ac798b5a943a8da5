import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Process, start, waitFor, waitWhileRunning } from "../../../deploy/local/process.ts";
import type { MigrationStep } from "../../../src/platform/storage/sqlite-migrations.ts";
import { openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { refusalOf } from "../../support/startup-refusal.ts";

const maxBytes = 2 ** 30;
const create = "CREATE TABLE polls (question TEXT)";
const fill = "INSERT INTO polls (question) VALUES ('tea?')";

/** Everything in a file: its layout, its tables and their rows, with the sizes of blobs in place of their bytes. */
function contentOf(file: string): unknown {
  const db = new DatabaseSync(file);
  const tables = db.prepare("SELECT name, sql FROM sqlite_master ORDER BY name").all();
  const rows = tables.map(({ name }) => db.prepare(`SELECT * FROM ${String(name)}`).all());
  const content = { layout: db.prepare("PRAGMA user_version").get(), tables, rows };
  db.close();
  const shorten = (_key: string, value: unknown) => (value instanceof Uint8Array ? value.length : value);
  return JSON.parse(JSON.stringify(content, shorten));
}

/** Opens the file and upgrades the tables of one owner. */
function upgrade(file: string, steps: readonly MigrationStep[], { owner = "polls", limit = maxBytes } = {}) {
  const database = openDatabase({ file, maxBytes: limit });
  try {
    database.migrate(owner, steps);
  } finally {
    database.close();
  }
}

describe("migrations", () => {
  const folder = temporaryFolder();
  let files = 0;
  const newFile = () => join(folder, `${(files += 1)}.sqlite`);
  const processes: Process[] = [];
  after(() => Promise.all(processes.map(({ stop }) => stop(0))));

  /** Starts sqlite-process.ts on this runtime, and waits until it has opened the file. */
  async function startUpgrade(...files: [file: string, begin: string, end: string]) {
    const script = fileURLToPath(new URL("sqlite-process.ts", import.meta.url));
    const args = process.versions["deno"] ? ["run", "--allow-all"] : [];
    const started = await start({ command: process.execPath, args: [...args, script, ...files] });
    processes.push(started);
    await waitWhileRunning(started, "it opened the file", () => started.output().includes("opened"));
    return started;
  }

  test("run once, in order, and only those that an owner's tables have not had", () => {
    const file = newFile();
    const ran: string[] = [];
    const step = (name: string, sql: string): MigrationStep => {
      return (db) => {
        ran.push(name);
        db.exec(sql);
      };
    };
    const first = step("create", create);
    const later = [
      first,
      step("votes", "ALTER TABLE polls ADD COLUMN votes INTEGER DEFAULT 0"),
      step("fill", fill),
    ];
    upgrade(file, [first]);
    upgrade(file, later);
    upgrade(file, later);
    upgrade(file, ["CREATE TABLE surveys (title TEXT)"], { owner: "surveys" });
    assert.deepEqual(ran, ["create", "votes", "fill"]);
    const db = openDatabase({ file, maxBytes });
    assert.deepEqual({ ...db.prepare("SELECT * FROM polls").get() }, { question: "tea?", votes: 0 });
    const versions = db.prepare("SELECT owner, version FROM migrations ORDER BY owner").all();
    assert.deepEqual(
      versions.map(({ owner, version }) => [owner, version]),
      [
        ["polls", 3],
        ["surveys", 1],
      ],
    );
    db.close();
  });

  test("that fail leave the file as it was, say which step and why, and can be run again", () => {
    const file = newFile();
    upgrade(file, [create, fill]);
    const before = contentOf(file);
    const bad: MigrationStep[] = [
      "UPDATE polls SET question = ''; CREATE TABLE votes (poll INTEGER); INSERT INTO votes VALUES (1)",
      "INSERT INTO votes (poll) VALUES (2); INSERT INTO nowhere VALUES (1)",
      () => {
        throw new Error("a step that throws");
      },
    ];
    const failures: [steps: MigrationStep[], says: RegExp][] = [
      [bad.slice(0, 2), /to version 4: step 4: no such table: nowhere/],
      [bad.toSpliced(1, 1), /to version 4: step 4: a step that throws/],
    ];
    for (const [steps, says] of failures) {
      const message = refusalOf(() => upgrade(file, [create, fill, ...steps]));
      assert.match(message, says);
      assert.match(message, /the tables of "polls" in DATA_FILE=/);
      assert.ok(message.includes(file) && message.includes("left as they are"), message);
      assert.deepEqual(contentOf(file), before);
    }
    upgrade(file, [create, fill, ...bad.slice(0, 1)]);
    assert.notDeepEqual(contentOf(file), before);
  });

  test("of a process that is killed in the middle leave the file as it was", async () => {
    const file = newFile();
    upgrade(file, [create]);
    const before = contentOf(file);
    // It begins at once, and never ends by itself.
    const killed = await startUpgrade(file, file, join(folder, "never"));
    await waitWhileRunning(killed, "its last step", () => killed.output().includes("in the last step"));
    const logBytes = statSync(`${file}-wal`).size;
    killed.kill("SIGKILL");
    await killed.exited;
    assert.ok(logBytes > 1_000_000, "a part of the upgrade was on disk");
    assert.deepEqual(contentOf(file), before);
    upgrade(file, [create, fill]);
  });

  test("of two processes at once run once", async () => {
    const file = newFile();
    const [begin, end] = [join(folder, "begin"), join(folder, "end")];
    const both = await Promise.all([startUpgrade(file, begin, end), startUpgrade(file, begin, end)]);
    writeFileSync(begin, "");
    await waitFor("one is in its last step", () =>
      both.some(({ output }) => output().includes("in the last step")),
    );
    writeFileSync(end, "");
    await Promise.all(both.map(({ closed }) => closed));
    const outcomes = both.map(({ output }) => /upgraded|database is locked/.exec(output())?.[0] ?? output());
    assert.ok(outcomes.includes("upgraded"), outcomes.join("\n"));
    // On a busy machine one may be held up for longer than the other waits.
    for (const outcome of outcomes) assert.match(outcome, /^(?:upgraded|database is locked)$/);
    const db = openDatabase({ file, maxBytes });
    assert.equal(db.prepare("SELECT count(*) AS count FROM polls").get()?.["count"], 10);
    db.close();
  });

  test("wait for a process that holds the file, but not for ever", () => {
    const file = newFile();
    const inStep: MigrationStep = () => {
      assert.match(
        refusalOf(() => upgrade(file, [create])),
        /database is locked/,
      );
    };
    upgrade(file, [create, inStep]);
  });

  test("newer tables are refused in words, and other owners' are not concerned", () => {
    const file = newFile();
    upgrade(file, [create, fill]);
    const before = contentOf(file);
    assert.match(
      refusalOf(() => upgrade(file, [create])),
      /Cannot use the tables of "polls" in DATA_FILE="\S+": they have version 2, .* up to 1\..* restore a copy/,
    );
    assert.deepEqual(contentOf(file), before);
    upgrade(file, ["CREATE TABLE surveys (title TEXT)"], { owner: "surveys" });
  });

  test("a newer layout of the file is refused in words, and no byte of it changes", () => {
    const file = newFile();
    const db = new DatabaseSync(file);
    db.exec("CREATE TABLE future (x); PRAGMA user_version = 2");
    db.close();
    const before = readFileSync(file);
    const message = refusalOf(() => openDatabase({ file, maxBytes }));
    assert.match(
      message,
      /the file's layout has version 2, and this server \(Trimaran .*\) knows layouts up to 1\./,
    );
    assert.ok(message.includes(file), message);
    assert.deepEqual(readFileSync(file), before);
  });

  test("two parts of the server with one name for their tables do not start", () => {
    const database = openDatabase({ file: newFile(), maxBytes });
    database.migrate("polls", [create]);
    assert.throws(() => database.migrate("polls", [create]), /tables under the name "polls"/);
    database.close();
  });

  test("need no room below the file's limit, and the limit counts again after them", async () => {
    const file = newFile();
    const limit = 64 * 1024;
    upgrade(file, [create, "INSERT INTO polls (question) VALUES (zeroblob(100000))"], { limit });
    const database = openDatabase({ file, maxBytes: limit });
    database.migrate("surveys", ["CREATE TABLE surveys (title TEXT)"]);
    const insert = database.prepare("INSERT INTO surveys (title) VALUES (zeroblob(100000))");
    await assert.rejects(
      database.write(() => insert.run()),
      { code: "unavailable" },
    );
    database.close();
  });
});
