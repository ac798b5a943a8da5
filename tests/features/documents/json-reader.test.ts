import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as Y from "yjs";
import { createJsonReader } from "../../../src/features/documents/json-reader.ts";
import { selectRuntime } from "../../../src/platform/runtime/select.ts";
import { slowToRead } from "./security/updates.ts";
import { insertion } from "./support/yjs.ts";

describe("documents as JSON", () => {
  let reader: ReturnType<typeof createJsonReader>;
  before(async () => {
    const { startScript } = await selectRuntime({ fastPaths: true });
    reader = createJsonReader({ startScript, deadlineMs: 2000, maxWaiting: 3 });
  });
  after(() => reader.close());

  test("one after the other, whoever asks first", async () => {
    const all = await Promise.all(["a", "b", "c"].map((text) => reader.read(insertion(text))));
    assert.deepEqual(
      all.map((json) => JSON.parse(json) as unknown),
      ["a", "b", "c"].map((text) => ({ content: [{ insert: text }] })),
    );
  });

  test("more than a pipe takes at once", async () => {
    const text = "long ".repeat(400_000);
    assert.deepEqual(JSON.parse(await reader.read(insertion(text))), { content: [{ insert: text }] });
  });

  test("what JSON has no word for is told in others", async () => {
    const doc = new Y.Doc();
    doc.getMap("map").set("list", [2n ** 60n, Uint8Array.of(1, 2, 3)]);
    const json = await reader.read(Y.encodeStateAsUpdate(doc));
    assert.deepEqual(JSON.parse(json), { map: { list: ["1152921504606846976", "AQID"] } });
  });

  test("too many at once are refused, and what takes too long is given up; the next is shown", async () => {
    const slow = reader.read(slowToRead(20_000));
    const waiting = [reader.read(insertion("x")), reader.read(insertion("y"))];
    await assert.rejects(reader.read(insertion("z")), { code: "overloaded" });
    await assert.rejects(slow, { code: "too_large" });
    assert.deepEqual(JSON.parse((await Promise.all(waiting))[1] ?? ""), { content: [{ insert: "y" }] });
  });
});
