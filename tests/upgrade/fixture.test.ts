import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../support/folder.ts";
import { moveExpiries } from "./aof.ts";
import { fixturesFolder, readFixture, readFixtures } from "./fixture.ts";

describe("fixtures of upgrades", () => {
  const folder = temporaryFolder();
  const [version] = readFixtures().map(({ about }) => about.version);
  let copies = 0;

  /** A copy that something was done to. @returns what reading it says. */
  function readAfter(change: (copy: string) => void): string {
    const copy = join(folder, String((copies += 1)));
    cpSync(join(fixturesFolder, version ?? ""), copy, { recursive: true });
    change(copy);
    try {
      readFixture(copy);
    } catch (error) {
      return (error as Error).message.replace(copy, "FOLDER");
    }
    return "nothing";
  }

  test("are read as they were written", () =>
    assert.equal(
      readAfter(() => undefined),
      "nothing",
    ));

  const spoiled: Record<string, [change: (copy: string) => void, says: RegExp]> = {
    "a foreign folder": [
      (copy) => {
        rmSync(copy, { recursive: true });
        mkdirSync(copy);
        writeFileSync(join(copy, "notes.txt"), "");
      },
      /about\.json can't be read/,
    ],
    "a changed file": [
      (copy) => appendFileSync(join(copy, "single/data.sqlite"), "x"),
      /single\/data\.sqlite has other bytes/,
    ],
    "a missing file": [(copy) => rmSync(join(copy, "client/index.js")), /client\/index\.js is missing/],
    "another file": [(copy) => writeFileSync(join(copy, "single/x"), ""), /single\/x was not written by it/],
    "no JSON": [(copy) => writeFileSync(join(copy, "about.json"), "{"), /about\.json is not JSON/],
    "other fields": [
      (copy) => writeFileSync(join(copy, "about.json"), "{}"),
      /about\.json: version: Invalid key/,
    ],
  };
  for (const [what, [change, says]] of Object.entries(spoiled))
    test(`${what}: a clear error with the folder and what is wrong`, () => {
      const message = readAfter(change);
      assert.match(message, /^FOLDER is no fixture .* Restore it from git\.$/s);
      assert.match(message, says);
    });

  test("expiries in an append-only file are moved, all else stays, a cut end too", () => {
    const command = (...words: string[]) =>
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
    const kept = command("XADD", "log", "1-0", "u", "\r\n*3\r\n PXAT 5");
    const cut = "*2\r\n$3\r\nDEL\r\n$9\r\nhal";
    const file = [command("SET", "é", "PXAT", "PXAT", "5"), kept, command("PEXPIREAT", "k", "7"), cut];
    const moved = moveExpiries(Buffer.from(file.join("")), (key, atMs) => atMs + (key === "é" ? 100 : 1000));
    assert.equal(
      moved.toString(),
      [command("SET", "é", "PXAT", "PXAT", "105"), kept, command("PEXPIREAT", "k", "1007"), cut].join(""),
    );
    assert.throws(() => moveExpiries(Buffer.from("SQLite format 3\r\n"), () => 0), /no append-only file/);
  });
});
