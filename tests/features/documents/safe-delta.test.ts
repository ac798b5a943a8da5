import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formats, safeDelta } from "../../../src/features/documents/page/safe-delta.ts";

const attributesOf = (attributes: Record<string, unknown>) =>
  safeDelta([{ insert: "x", attributes }])[0]?.attributes;

describe("what the editor is given", () => {
  test("text and the editor's own formats stay as they are", () => {
    const ops = [
      {
        insert: "a",
        attributes: { bold: true, italic: true, link: "https://example.com/?a=b#c", color: "#ff0000" },
      },
      { insert: "b", attributes: { background: "rgb(1, 2, 3)", font: "serif", size: "huge", script: "sub" } },
      { insert: "\n", attributes: { header: 2, align: "center", direction: "rtl", indent: 8 } },
      { insert: "\n", attributes: { list: "checked" } },
      { insert: "\n", attributes: { "code-block": "plain" } },
      { retain: 3, attributes: { bold: null, blockquote: false } },
      { delete: 2 },
    ];
    assert.deepEqual(safeDelta(ops), ops);
  });

  test("what is no text takes the same place: one character", () => {
    for (const insert of [{ image: "https://x" }, { video: "javascript:1" }, { scroll: 1 }, {}, new Map()])
      assert.deepEqual(safeDelta([{ insert: insert as Record<string, unknown> }]), [{ insert: "□" }]);
  });

  test("no text changes its length", () => {
    const insert = "a\r\nb\rc\n\u0000\u2028\uFEFF";
    const safe = safeDelta([{ insert }])[0]?.insert;
    assert.ok(typeof safe === "string");
    assert.equal(safe.length, insert.length);
    assert.ok(!safe.includes("\r"));
  });

  test("a value of the wrong kind takes the format away", () => {
    const hostile = [
      "javascript:1",
      " https://x",
      "https://x y",
      "url(https://x)",
      "a b",
      "</style>",
      {},
      [],
      99,
      -1,
      1.5,
    ];
    for (const format of formats) {
      for (const value of hostile) {
        assert.deepEqual(
          attributesOf({ [format]: value }),
          { [format]: null },
          `${format}: ${String(value)}`,
        );
      }
    }
  });

  test("a link goes by its scheme, whatever stands in front of it", () => {
    for (const link of ["http://a", "https://a", "mailto:a@b", "tel:1", "sms:1", "HTTPS://A"])
      assert.deepEqual(attributesOf({ link }), { link });
    for (const link of [
      "javascript:alert(1)",
      "JavaScript:alert(1)",
      "java\nscript:alert(1)",
      "\u0001javascript:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "blob:https://a",
      "//a",
      "/a",
      `https://${"a".repeat(3000)}`,
    ])
      assert.deepEqual(attributesOf({ link }), { link: null }, link);
  });

  test("unknown formats are left out, those named like an object's own things too", () => {
    const odd = {
      onclick: "x",
      style: "y",
      constructor: 1,
      toString: 2,
      cursor: true,
      scroll: true,
      table: "t",
    };
    assert.deepEqual(attributesOf(odd), {});
    const polluting = JSON.parse('{"__proto__":{"bold":true},"italic":true}') as Record<string, unknown>;
    const safe = attributesOf(polluting) ?? {};
    assert.deepEqual(Object.keys(safe), ["italic"]);
    assert.equal(Object.getPrototypeOf(safe), Object.prototype);
    assert.equal("bold" in safe, false);
  });
});
