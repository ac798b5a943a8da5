import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { scanUpdate } from "../../../src/features/documents/validate-update.ts";
import { checkUpdate } from "../../../src/features/documents/updates.ts";
import { keystrokes } from "./support/yjs.ts";

/** One section of one client's structs, as bytes. */
function section(client: number, clock: number, ...structs: number[][]): number[] {
  const encoder = encoding.createEncoder();
  for (const number of [structs.length, client, clock]) encoding.writeVarUint(encoder, number);
  return [...encoding.toUint8Array(encoder), ...structs.flat()];
}
const text = (value: string) => [value.length, ...Buffer.from(value)];
/** A struct with content of this kind, in a text called `t`. */
const struct = (kind: number, ...content: number[]) => [kind, 1, ...text("t"), ...content];
const update = (sections: number[][], deletions: number[] = [0]) =>
  Uint8Array.from([sections.length, ...sections.flat(), ...deletions]);

describe("scanning updates", () => {
  test("takes whatever Yjs writes, and counts its parts", () => {
    const doc = new Y.Doc();
    const content = doc.getText("content");
    content.insert(0, "hello 👋", { bold: true });
    content.insertEmbed(2, { image: "x" });
    content.delete(1, 3);
    doc.getMap("map").set("nested", new Y.Map([["list", [1, "a", null, 2.5, 10n, new Uint8Array(3)]]]));
    doc.getXmlFragment("xml").insert(0, [new Y.XmlElement("p"), new Y.XmlText("x")]);
    doc.getArray("docs").insert(0, [new Y.Doc({ guid: "g", meta: { a: 1 }, autoLoad: true })]);
    const whole = Y.encodeStateAsUpdate(doc);
    assert.ok(scanUpdate(whole) > 10);
    const letters = keystrokes("many letters, and some of them typed");
    for (const letter of letters) checkUpdate(letter);
    for (const merged of [
      Y.mergeUpdates(letters),
      Y.mergeUpdates([letters[0], letters[5], whole] as Uint8Array[]),
    ])
      checkUpdate(merged);
    checkUpdate(Y.diffUpdate(whole, Y.encodeStateVector(new Y.Doc())));
    checkUpdate(Uint8Array.of(0, 0));
  });

  const refused: [what: string, bytes: Uint8Array][] = [
    ["a struct without length", update([section(1, 0, [0, 0])])],
    ["a text without letters", update([section(1, 0, struct(4, 0))])],
    ["clocks past what a number holds", update([section(1, 2 ** 53 - 1, [0, 1])])],
    ["clients in another order", update([section(1, 0, [0, 1]), section(2, 0, [0, 1])])],
    ["one client twice", update([section(1, 0, [0, 1]), section(1, 1, [0, 1])])],
    ["what builds on itself", update([section(1, 0, [0x84, 1, 0, ...text("x")])])],
    ["an empty deletion", update([], [1, 1, 1, 5, 0])],
    ["deletions in another order", update([], [1, 1, 2, 5, 1, 2, 1])],
    ["a content that there is not", update([section(1, 0, struct(11))])],
    ["a type that there is not", update([section(1, 0, struct(7, 9))])],
    [
      "JSON nested past what is printed again",
      update([section(1, 0, struct(5, 0xca, 1, ...Buffer.from("[".repeat(101) + "]".repeat(101))))]),
    ],
    [
      "values nested past recursion",
      update([section(1, 0, struct(8, 1, ...Array.from({ length: 200 }, () => [117, 1]).flat(), 126))]),
    ],
    ["more structs than it says", update([section(1, 0, [0, 1], [0, 1])]).with(1, 1)],
    ["fewer structs than it says", update([section(1, 0, [0, 1])]).with(1, 9)],
    ["something after its end", Uint8Array.of(0, 0, 0)],
    [
      "a subdocument with another name than text",
      update([section(1, 0, struct(9, ...text("g"), 118, 1, ...text("guid"), 126))]),
    ],
  ];
  for (const [what, bytes] of refused)
    test(`refuses ${what}`, () => {
      assert.throws(() => checkUpdate(bytes), { code: "invalid" });
    });

  test("refuses more structs than can be merged in good time", () => {
    const many = section(1, 0, ...Array.from({ length: 50_001 }, () => [0, 1]));
    assert.throws(() => checkUpdate(update([many])), { code: "too_large" });
  });
});
