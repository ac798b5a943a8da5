import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as Y from "yjs";
import { documentToJson } from "../../../src/features/documents/json.ts";

describe("document as JSON", () => {
  test("tells each shared type by what it contains", () => {
    const doc = new Y.Doc();
    doc.getText("text").insert(0, "bold", { bold: true });
    doc.getMap("map").set("key", [1, 2]);
    doc.getArray("array").push(["x", { y: 1 }]);
    doc.getXmlFragment("xml").push([new Y.XmlElement("p")]);
    assert.deepEqual(documentToJson(Y.encodeStateAsUpdate(doc)), {
      text: [{ insert: "bold", attributes: { bold: true } }],
      map: { key: [1, 2] },
      array: ["x", { y: 1 }],
      xml: "<p></p>",
    });
  });
});
