import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";

const files = globSync("src/**/*.ts", { cwd: root }).map((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return { file, text, lines: text.split("\n").length - 1 };
});

/** Interfaces of a file, with the number of their fields. */
function interfacesOf(text: string): { name: string; fields: number }[] {
  return [...text.matchAll(/^(?:export )?interface (\w+)[^{]*\{\n(.*?)\n\}/gms)].map(
    ([, name = "", body = ""]) => ({
      name,
      fields: body.match(/^ {2}(?:readonly )?\w+\??[:(]/gm)?.length ?? 0,
    }),
  );
}

describe("files that are read at once", () => {
  test("half of those in src have fewer than 90 lines, and none has more than 300", () => {
    const lines = files.map((each) => each.lines).toSorted((a, b) => a - b);
    assert.ok((lines[lines.length >> 1] ?? 0) < 90, `the median has ${lines[lines.length >> 1]}`);
    assert.deepEqual(
      files.filter((each) => each.lines > 300).map(({ file }) => file),
      [],
    );
  });

  test("options come in groups: no more than ten side by side", () => {
    assert.deepEqual(interfacesOf("interface A {\n  one: 1;\n  two?: 2;\n  three(): void;\n}"), [
      { name: "A", fields: 3 },
    ]);
    // The insides of the Redis adapter are replaced as a whole (room logs), and are as they were until then.
    const large = files
      .filter(({ file }) => !file.startsWith("src/platform/redis/"))
      .flatMap(({ file, text }) => interfacesOf(text).map((each) => ({ ...each, file })))
      .filter(({ name, fields }) => name.endsWith("Options") && fields > 10);
    assert.deepEqual(large, []);
  });
});
