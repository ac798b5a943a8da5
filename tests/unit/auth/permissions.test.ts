import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { authorizeByClaims } from "../../../src/auth/permissions.ts";
import type { Action, User } from "../../../src/auth/user.ts";

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

  test("a pattern of many stars is no burden", () => {
    const startedAt = performance.now();
    assert.equal(
      authorizeByClaims(user({ [`${"*a".repeat(60)}b`]: "read" }), "a".repeat(128), "read"),
      false,
    );
    assert.ok(performance.now() - startedAt < 50);
  });
});
