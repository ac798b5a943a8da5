import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { authorizeByClaims } from "../../../src/platform/auth/permissions.ts";
import type { Action, User } from "../../../src/platform/auth/user.ts";

const user = (documents: Record<string, Action>, isService = false): User => ({
  id: "ada",
  documents,
  isService,
  issuedAtMs: 0,
  expiresAtMs: 1,
});

describe("authorizeByClaims", () => {
  const cases: [documents: Record<string, Action>, documentId: string, read: boolean, write: boolean][] = [
    [{}, "a", false, false],
    [{ a: "read" }, "a", true, false],
    [{ a: "write" }, "a", true, true],
    [{ a: "write" }, "ab", false, false],
    [{ "a*": "read" }, "ab", true, false],
    [{ "a*": "read" }, "a", true, false],
    [{ "a*": "read", ab: "write" }, "ab", true, true],
    [{ "*b": "write" }, "ab", true, true],
    [{ "*b": "write" }, "ba", false, false],
    [{ "*": "read" }, "anything", true, false],
    [{ "a*c*e": "read" }, "abcde", true, false],
    [{ "a*c*e": "read" }, "abde", false, false],
    [{ "ab*ba": "read" }, "aba", false, false],
    [{ "**": "read" }, "x", true, false],
    [{ "a.c": "read" }, "abc", false, false],
    [{ "": "write" }, "a", false, false],
  ];
  for (const [documents, documentId, read, write] of cases) {
    test(`${JSON.stringify(documents)} for ${documentId}`, () => {
      assert.equal(authorizeByClaims(user(documents), documentId, "read"), read);
      assert.equal(authorizeByClaims(user(documents), documentId, "write"), write);
    });
  }

  test("everybody may do everything when the server is open, and so may a backend", () => {
    assert.equal(authorizeByClaims(undefined, "a", "write"), true);
    assert.equal(authorizeByClaims(user({}, true), "a", "write"), true);
  });

  // Each part between stars is looked for once, and never again. Where a matcher goes back and tries again, as
  // regular expressions do, these would not end.
  test("a pattern of many stars is matched without trying the ways to do it", () => {
    const pattern = `${"*a".repeat(60)}b`;
    for (const [documentId, read] of [
      ["a".repeat(128), false],
      [`${"a".repeat(127)}b`, true],
      [`${"ab".repeat(59)}b`, false],
      [`${"ab".repeat(63)}`, true],
    ] as const)
      assert.equal(authorizeByClaims(user({ [pattern]: "read" }), documentId, "read"), read);
  });
});
