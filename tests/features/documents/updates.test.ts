import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import {
  checkStateVector,
  checkUpdate,
  covers,
  diffUpdate,
  emptyStateVector,
  emptyUpdate,
  mergeUpdates,
  stateVectorOf,
} from "../../../src/features/documents/updates.ts";
import { insertion, keystrokes, textOf } from "./support/yjs.ts";

describe("updates", () => {
  test("merge in any order, with repeats, to the same document", () => {
    const updates = keystrokes("hello");
    assert.equal(textOf(mergeUpdates(updates)), "hello");
    assert.equal(textOf(mergeUpdates([...updates.toReversed(), ...updates])), "hello");
  });

  test("nothing merges to the empty update", () => {
    assert.deepEqual(mergeUpdates([]), emptyUpdate);
    assert.deepEqual(mergeUpdates([emptyUpdate, emptyUpdate]), emptyUpdate);
    assert.deepEqual(stateVectorOf(emptyUpdate), emptyStateVector);
  });

  test("a difference is what the other side lacks", () => {
    const [first = emptyUpdate, ...rest] = keystrokes("hello");
    const all = mergeUpdates([first, ...rest]);
    const difference = diffUpdate(all, stateVectorOf(first));
    assert.ok(difference.length < all.length);
    assert.equal(textOf(mergeUpdates([first, difference])), "hello");
  });

  test("a state covers its parts, deletions too, and not what it lacks", () => {
    const doc = new Y.Doc();
    doc.getText("content").insert(0, "hello");
    const before = Y.encodeStateAsUpdate(doc);
    doc.getText("content").delete(1, 2);
    const after = Y.encodeStateAsUpdate(doc);
    assert.ok(covers(after, before));
    assert.ok(!covers(before, after), "a deletion alone is news");
    assert.ok(covers(after, after));
    assert.ok(covers(emptyUpdate, emptyUpdate));
    assert.ok(!covers(emptyUpdate, after));
    assert.ok(!covers(after, insertion("other")));
  });

  test("bytes that are not Yjs are invalid", () => {
    for (const bytes of [[], [1], [1, 2, 3, 255], [255, 255, 255, 255], insertion("hello").subarray(0, 9)]) {
      assert.throws(() => checkUpdate(Uint8Array.from(bytes)), { code: "invalid" }, String(bytes));
    }
    assert.throws(() => checkStateVector(Uint8Array.of(5, 1)), { code: "invalid" });
    checkUpdate(insertion("hello"));
    checkStateVector(emptyStateVector);
  });
});
