import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sizeOf } from "../../../src/realtime/size.ts";

describe("sizeOf", () => {
  test("counts text and binary, wherever they are", () => {
    const size = sizeOf([{ documentId: "1234", update: new Uint8Array(1000), more: { deep: ["12345"] } }]);
    assert.equal(size, 1 + 4 + 1000 + 5);
    assert.ok(sizeOf([]) >= 1, "an event is never free");
  });

  test("does not go on for ever", () => {
    const circular: Record<string, unknown> = { text: "1234" };
    circular["self"] = circular;
    assert.ok(sizeOf([circular]) < 1000);
    let reads = 0;
    const wide = new Proxy(
      Array.from({ length: 1_000_000 }, () => ["x"]),
      { get: (target, key) => ((reads += 1), Reflect.get(target, key) as unknown) },
    );
    sizeOf([wide]);
    assert.ok(reads > 0 && reads < 100, `${reads} reads`);
  });
});
