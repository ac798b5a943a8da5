import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";

const assigned =
  /\b\w*[aA]dapter(?:\.prototype)?(?:\.\w+|\[[^\]]+\])\s*=(?![=>])|Object\.(?:assign|define\w+)\(\s*\w*[aA]dapter\b/;

describe("adapters of Socket.IO", () => {
  test("are classes that override methods: nothing is assigned onto one", () => {
    for (const source of [
      "adapter.broadcast = (packet) => {}",
      "Adapter.prototype.close = close",
      'adapter["emit"] = emit',
      "Object.assign(adapter, { emit })",
    ])
      assert.match(source, assigned);
    assert.doesNotMatch("const adapter = namespace.adapter; adapter.close === close", assigned);
    // The official Redis adapter is made by its package; it is replaced as a whole.
    const files = globSync("src/**/*.ts", { cwd: root }).filter(
      (file) => !file.startsWith("src/platform/redis/"),
    );
    assert.deepEqual(
      files.filter((file) => assigned.test(readFileSync(join(root, file), "utf8"))),
      [],
    );
  });
});
