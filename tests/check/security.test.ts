import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { quotaNames, rateNames } from "../../src/limits/limits.ts";
import { root } from "../../deploy/local/replica.ts";

const text = readFileSync(`${root}deploy/SECURITY.md`, "utf8");
const defaults = readFileSync(`${root}.env.example`, "utf8");

describe("the page on security", () => {
  test("names tests and sources that there are", () => {
    const paths = [
      ...text.matchAll(
        /`((?:src|unit|suites|cluster|browser|faults|security|check|monitoring)(?:\/[\w.-]+)*)`/g,
      ),
    ].map((match) => match[1] ?? "");
    assert.ok(paths.length > 40);
    for (const path of paths) {
      const candidates = path.startsWith("src")
        ? [path]
        : [".test.ts", ".ts", ""].map((end) => `tests/${path}${end}`);
      assert.ok(
        candidates.some((candidate) => existsSync(root + candidate)),
        path,
      );
    }
  });

  test("lists every limit, with its variables and defaults", () => {
    for (const name of [...rateNames, ...quotaNames]) {
      const row = new RegExp(
        `^\\| \`${name}\`, \`user-${name}\`: .*\\| \`(\\w+)\` / \`(\\w+)\` \\| (\\S+) / (\\S+) \\|$`,
        "m",
      ).exec(text);
      assert.ok(row, name);
      for (const [variable, value] of [
        [row[1], row[3]],
        [row[2], row[4]],
      ])
        assert.ok(defaults.includes(`\n${variable}=${value}\n`), `${variable}=${value}`);
    }
  });
});
