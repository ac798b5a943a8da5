import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import {
  type Side,
  createProof,
  graceMs,
  lacking,
} from "../../../src/features/documents/control-room/proof.ts";

function side(): Side {
  const doc = new Y.Doc();
  return { doc, text: doc.getText("content"), typed: { inserted: 0 }, isSettled: true, isDegraded: false };
}

function type(by: Side, letters: string): void {
  by.text.insert(by.text.length, letters);
  by.typed.inserted += letters.length;
}

const send = (from: Side, to: Side) => Y.applyUpdate(to.doc, Y.encodeStateAsUpdate(from.doc));

describe("the proof that nothing is lost", () => {
  test("what one lacks of the other's is counted in characters", () => {
    const [ada, bob] = [side(), side()];
    type(ada, "hello");
    assert.equal(lacking(ada.doc, bob.doc), 5);
    assert.equal(lacking(bob.doc, ada.doc), 0);
    send(ada, bob);
    assert.equal(lacking(ada.doc, bob.doc), 0);
  });

  test("equal and saved is good; under way is not lost; deleted by hand is not lost either", () => {
    let now = 0;
    const judge = createProof(() => now);
    const [ada, bob] = [side(), side()];
    type(ada, "hello");
    assert.deepEqual(judge([ada, bob]), { kind: "busy", typed: 5, onTheWay: 5, lost: 0 });
    send(ada, bob);
    assert.deepEqual(judge([ada, bob]), { kind: "good", typed: 5, onTheWay: 0, lost: 0 });
    bob.text.delete(0, 4);
    send(bob, ada);
    now += graceMs * 2;
    assert.equal(judge([ada, bob]).kind, "good");
  });

  test("what stays away although both say that all is saved is lost, after a while", () => {
    let now = 0;
    const judge = createProof(() => now);
    const [ada, bob] = [side(), side()];
    type(ada, "hello");
    assert.equal(judge([ada, bob]).lost, 0);
    now += graceMs + 1;
    assert.deepEqual(judge([ada, bob]), { kind: "bad", typed: 5, onTheWay: 0, lost: 5 });
  });

  test("nothing is called lost while somebody is away, or Redis is", () => {
    let now = 0;
    const judge = createProof(() => now);
    const [ada, bob] = [side(), side()];
    type(ada, "hello");
    for (const state of [{ isSettled: false }, { isDegraded: true }]) {
      now += graceMs * 3;
      assert.deepEqual(judge([{ ...ada, ...state }, bob]).lost, 0);
    }
    assert.equal(judge([ada, bob]).lost, 0, "its time begins anew");
  });

  test("a text that differs although all has arrived is lost", () => {
    let now = 0;
    const judge = createProof(() => now);
    const [ada, bob] = [side(), side()];
    type(ada, "hello");
    send(ada, bob);
    ada.text.delete(0, 1);
    judge([ada, bob]);
    now += graceMs + 1;
    assert.equal(judge([ada, bob]).lost, 1);
  });
});
