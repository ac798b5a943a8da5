import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { muteMarkup } from "../../../src/features/documents/page/mute-markup.ts";

describe("markup that is only read", () => {
  test("styles and handlers get other names, whatever stands around them", () => {
    for (const [html, muted] of [
      ['<p style="color:red">x</p>', '<p data-style="color:red">x</p>'],
      ["<img src=x onerror=a()>", "<img src=x data-onerror=a()>"],
      ["<img/ONLOAD='x>y'/>", "<img/data-ONLOAD='x>y'/>"],
      [`<b title="a>b"onclick=1>`, `<b title="a>b"data-onclick=1>`],
      ["<b onclick>", "<b data-onclick>"],
      ["<style>p{}</style><STYLE media=x>", "<template>p{}</template><template media=x>"],
    ] as const)
      assert.equal(muteMarkup(html), muted);
  });

  test("everything else stays: text, links that look alike, names that only begin alike", () => {
    for (const html of [
      'a < b style="x" onclick=1 > c',
      '<a href="https://x/online=1?style=2 onclick=3">style="x"</a>',
      '<p stylish="x" data-style="y" class=onclick>on</p>',
      '<p xmlns:w="urn:schemas-microsoft-com:office:word" style="mso-list:l0 level1">x</p>',
    ])
      assert.equal(muteMarkup(html), html);
  });

  // A pattern that starts again within what it has read would not end here: 100,000 times 100,000 steps.
  test("what never becomes a tag stays, however long it is", () => {
    for (const piece of ["<", "<a", "<a ", '<a "', "<a b=", "<a b='\"", "a", '"', "<a =  "]) {
      const long = piece.repeat(100_000);
      assert.ok(muteMarkup(long) === long, piece);
      const start = `<a ${piece.replaceAll("<", "")} `.repeat(2);
      assert.ok(muteMarkup(start + long) === start + long, piece);
    }
    assert.ok(muteMarkup("<style".repeat(100_000)) === "<template".repeat(100_000));
  });
});
