import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { bagsOf } from "./option-bags.ts";
import { root } from "../../deploy/local/replica.ts";

const files = globSync("src/**/*.ts", { cwd: root }).map((file) => {
  const text = readFileSync(join(root, file), "utf8");
  return { file, text, lines: text.split("\n").length - 1 };
});

/** Options that come side by side all the same, and why. */
const large: Readonly<Record<string, string>> = {
  Services: "what a feature gets: each is a service, and a group would only be one more name to learn",
  MetricsSource: "what is measured: each is the value of one gauge",
};

describe("files that are read at once", () => {
  test("half of those in src have fewer than 90 lines, and none has more than 300", () => {
    const lines = files.map((each) => each.lines).toSorted((a, b) => a - b);
    assert.ok((lines[lines.length >> 1] ?? 0) < 90, `the median has ${lines[lines.length >> 1]}`);
    assert.deepEqual(
      files.filter((each) => each.lines > 300).map(({ file }) => file),
      [],
    );
  });

  test("options come in groups: no more than eight side by side", () => {
    // The insides of the Redis adapter are replaced as a whole (room logs), and are as they were until then.
    const ours = files.filter(({ file }) => !file.startsWith("src/platform/redis/"));
    const bags = bagsOf(new Map(ours.map(({ file, text }) => [file, text])));
    assert.ok(bags.length > 20, `${bags.length} are seen`);
    assert.deepEqual(
      bags.filter(({ fields }) => fields > 8).map(({ name }) => name),
      Object.keys(large),
    );
  });

  test("options are counted however they are written", () => {
    const source = `
interface OneOptions {
  one: 1;
  /** More. */
  readonly two?: 2;
  three(): void;
}
export interface TwoOptions<T> extends OneOptions, Pick<Other, "a" | "b"> {
  four: { inner: T };
}
type ThreeParts = {
  one: 1;
};
type FourParts = Omit<OneOptions, "one"> & {
  four: 4;
} & ThreeParts;
export type Services = Partial<OneOptions> & {
  four: 4;
};
class Other {
  a = 1;
}
function five(log: Log, { a, b }: {
  a: 1;
  b: 2;
}) {}
`;
    assert.deepEqual(
      bagsOf(new Map([["a.ts", source]])).map(({ name, fields }) => [name, fields]),
      [
        ["OneOptions", 3],
        ["TwoOptions", 6],
        ["ThreeParts", 1],
        ["FourParts", 4],
        ["Services", 4],
        ["five", 2],
      ],
    );
  });
});
