import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { digests, platformVersion } from "../../src/platform/version.ts";

/** What a feature's contract and server side are written against. */
const seen = [
  "contract/define.ts",
  "contract/room-id.ts",
  "contract/types.ts",
  "feature.ts",
  "gateway/handlers.ts",
];

/** Of the code alone: comments, spaces and line ends don't count. */
function digestOf(texts: readonly string[]): string {
  const code = texts.map((text) => text.replaceAll(/\/\*.*?\*\/|\/\/.*?$/gms, "").replaceAll(/[\s,]+/g, ""));
  return createHash("sha256").update(code.join("\n")).digest("hex").slice(0, 16);
}

describe("the version of the platform", () => {
  test("is raised with what features see: a new version, and its digest below the others", () => {
    const digest = digestOf(seen.map((file) => readFileSync(join(root, "src/platform", file), "utf8")));
    assert.equal(
      digests[platformVersion],
      digest,
      `what features see of the platform has changed since ${platformVersion}: in src/platform/version.ts, raise ` +
        `platformVersion, and add "${digest}" for it to digests`,
    );
    const ordered = Object.keys(digests).toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
    assert.deepEqual(Object.keys(digests), ordered);
    assert.equal(ordered.at(-1), platformVersion);
  });

  test("the digest is of the code, and not of its comments and line ends", () => {
    const one = digestOf(["/** A. */\nexport type A = 1; // one\n"]);
    assert.equal(digestOf(["export type A =\n  1;\n"]), one);
    assert.notEqual(digestOf(["export type A = 2;"]), one);
  });
});
