import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { createSqliteStore } from "../../../src/features/documents/sqlite-store.ts";
import { StartupError } from "../../../src/platform/util/errors.ts";
import { type DatabaseOptions, openDatabase } from "../../../src/platform/storage/sqlite.ts";
import { temporaryFolder } from "../../support/folder.ts";

const maxBytes = 2 ** 30;

function openStore(options: DatabaseOptions) {
  const database = openDatabase(options);
  return { ...createSqliteStore(database), close: async () => database.close() };
}

describe("SQLite store", () => {
  const folder = temporaryFolder();
  const bytes = (...values: number[]) => Uint8Array.from(values);

  test("gives back what was appended, in order and per document, after reopening too", async () => {
    const file = join(folder, "order.sqlite");
    const store = openStore({ file, maxBytes });
    await Promise.all([
      store.append("a", bytes(1)),
      store.append("b", bytes(9)),
      store.append("a", bytes(2, 3)),
    ]);
    assert.deepEqual(
      store.read("a").changes.map((update) => [...update]),
      [[1], [2, 3]],
    );
    await store.close();
    const again = openStore({ file, maxBytes });
    assert.deepEqual(
      again.read("a").changes.map((update) => [...update]),
      [[1], [2, 3]],
    );
    assert.deepEqual(again.documentIds().toSorted(), ["a", "b"]);
    assert.deepEqual(again.read("nothing"), { bases: [], changes: [], mark: 0 });
    await again.close();
  });

  test("replacing and forgetting leave what came after the mark", async () => {
    const store = openStore({ file: join(folder, "marks.sqlite"), maxBytes });
    await store.append("a", bytes(1));
    await store.append("a", bytes(2));
    const { mark } = store.read("a");
    await store.append("a", bytes(3));
    await store.replace("a", mark, { bases: [], changes: [bytes(1, 2)] });
    assert.deepEqual(
      store.read("a").changes.map((update) => [...update]),
      [[3], [1, 2]],
    );
    await store.forget("a", mark + 1);
    assert.deepEqual(
      store.read("a").changes.map((update) => [...update]),
      [[1, 2]],
    );
    await store.close();
  });

  test("bases are told from changes, in files of the first version too", async () => {
    const file = join(folder, "bases.sqlite");
    const first = new DatabaseSync(file);
    first.exec(
      "CREATE TABLE updates (seq INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, bytes BLOB NOT NULL)",
    );
    first.exec("INSERT INTO updates (document_id, bytes) VALUES ('a', x'01')");
    first.close();
    const store = openStore({ file, maxBytes });
    await store.appendBase("a", bytes(7));
    await store.append("a", bytes(2));
    const { bases, changes } = store.read("a");
    assert.deepEqual([bases.map(([byte]) => byte), changes.map(([byte]) => byte)], [[7], [1, 2]]);
    await store.close();
  });

  test("appends that wait at close are kept, later ones are refused", async () => {
    const file = join(folder, "close.sqlite");
    const store = openStore({ file, maxBytes });
    const waiting = store.append("a", bytes(1));
    await store.close();
    await waiting;
    await assert.rejects(store.append("a", bytes(2)), { code: "unavailable" });
    const again = openStore({ file, maxBytes });
    assert.equal(again.read("a").changes.length, 1);
    await again.close();
  });

  test("a full store refuses clearly, keeps what it has, and takes what still fits", async () => {
    const store = openStore({ file: join(folder, "full.sqlite"), maxBytes: 128 * 1024 });
    await store.append("a", bytes(1));
    const results = await Promise.allSettled([
      store.append("a", new Uint8Array(300_000)),
      store.append("a", bytes(2)),
    ]);
    assert.equal(results[0]?.status === "rejected" && results[0].reason.code, "unavailable");
    assert.equal(results[1]?.status, "fulfilled");
    assert.deepEqual(
      store.read("a").changes.map((update) => [...update]),
      [[1], [2]],
    );
    await store.close();
  });

  test("a file that is no database is left alone and told of", () => {
    const file = join(folder, "corrupt.sqlite");
    writeFileSync(file, "this is not a database, however long it may be ".repeat(100));
    const before = readFileSync(file);
    assert.throws(
      () => openStore({ file, maxBytes }),
      (error) =>
        error instanceof StartupError &&
        error.message.includes(file) &&
        error.message.includes("not a database"),
    );
    assert.deepEqual(readFileSync(file), before);
  });

  test("a database with damaged pages is not opened", async () => {
    const file = join(folder, "damaged.sqlite");
    const store = openStore({ file, maxBytes });
    for (let index = 0; index < 50; index += 1)
      await store.append(`doc-${index}`, new Uint8Array(2000).fill(index));
    await store.close();
    const content = readFileSync(file);
    content.fill(0xff, 4096 * 2, Math.min(statSync(file).size, 4096 * 8));
    writeFileSync(file, content);
    assert.throws(() => openStore({ file, maxBytes }), StartupError);
  });
});
