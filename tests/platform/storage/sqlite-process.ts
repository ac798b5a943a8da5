import { existsSync, writeSync } from "node:fs";
import { openDatabase } from "../../../src/platform/storage/sqlite.ts";

/* A process that upgrades the tables of "polls" in a file, for sqlite.test.ts. It begins when one file exists, and ends
 * its last step when another does. Arguments: the database, these two files. */

const [file = "", begin = "", end = ""] = process.argv.slice(2);

const print = (text: string) => writeSync(1, `${text}\n`);

function waitForFile(path: string): void {
  while (!existsSync(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

const database = openDatabase({ file, maxBytes: 2 ** 30 });
print("opened");
waitForFile(begin);
try {
  database.migrate("polls", [
    "CREATE TABLE polls (question TEXT)",
    "ALTER TABLE polls ADD COLUMN votes BLOB",
    (db) => {
      // More than SQLite keeps in memory, so that a part is on disk before the transaction ends.
      const insert = db.prepare("INSERT INTO polls (question, votes) VALUES ('later', zeroblob(1000000))");
      for (let count = 0; count < 10; count += 1) insert.run();
      print("in the last step");
      waitForFile(end);
    },
  ]);
  print("upgraded");
} catch (error) {
  print((error as Error).message);
}
database.close();
