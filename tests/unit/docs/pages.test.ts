import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { absentFeatures, missingNames } from "../../../docs/generate/missing-names.ts";
import { withParts } from "../../../docs/generate/pages.ts";
import { featuresIn } from "../../guides/follow.ts";
import { reasonTable } from "../../../docs/generate/parts/dependencies.ts";

const load = (made: string) => (name: string) => Promise.resolve(name === "colours" ? () => made : undefined);

describe("parts of pages that are made from code", () => {
  const page = "Colours:\n<!-- generated: colours, by a test -->\nred\n<!-- /generated -->\nThat's all.\n";

  test("are made anew, and what is around them stays", async () => {
    assert.equal(await withParts(page, load("red")), page);
    assert.equal(
      await withParts(page, load("$& blue")),
      page.replace("red", () => "$& blue"),
    );
  });

  test("begin and end at markers that are lines of their own", async () => {
    const prose = "between `<!-- generated: NAME -->` and `<!-- /generated -->`";
    assert.equal(await withParts(prose, load("red")), prose);
  });

  test("are an error without a program that makes them", async () => {
    await assert.rejects(withParts(page.replace("colours,", "shapes,"), load("")), /part "shapes"/);
  });

  test("are an error with half of a marker", async () => {
    for (const half of [page.replace("<!-- /generated -->", ""), page.replace(/<!-- gen.*/, "")])
      await assert.rejects(withParts(half, load("red")), /a marker without/);
  });
});

describe("what a page speaks of and the tree does not have", () => {
  const missing = (text: string) => missingNames("docs/page.md", text);

  test("links, headings, paths and scripts are found", () => {
    assert.deepEqual(
      missing(
        "[a](nowhere.md) [b](../README.md#no-such-heading) `src/nowhere.ts`, `docs/nowhere.md`, examples/nowhere, `npm run nothing`",
      ),
      [
        "nowhere.md",
        "../README.md#no-such-heading",
        "src/nowhere.ts",
        "docs/nowhere.md",
        "examples/nowhere",
        "npm run nothing",
      ],
    );
  });

  test("files of a feature that was removed are not missing", () => {
    const text =
      "`src/features/removed/server.ts`, `tests/features/removed`, [a](../src/features/removed/index.ts), src/nowhere.ts";
    assert.deepEqual(missing(text), ["src/nowhere.ts"]);
    for (const name of featuresIn())
      assert.equal(
        missing(`[a](../src/features/${name}/nowhere.ts), tests/features/${name}/no.ts`).length,
        2,
      );
    assert.deepEqual(absentFeatures(text), ["removed"]);
    assert.deepEqual(
      absentFeatures("New file `src/features/mine/contract.ts`, src/features/mine/server.ts"),
      [],
    );
  });

  test("what is there, elsewhere, or for the reader to make is none of it", () => {
    const there =
      "[a](../package.json) [b](https://example.com/src/x.ts) `src/app.ts`. In src/platform/util.";
    const heading = "# Page: of tests\n[c](#page-of-tests)";
    const made = "`src/**/*.ts` `tests/{a,b}/x.ts`\nNew file `src/mine.ts`:\n```ts\n[x](y)\n```";
    assert.deepEqual(missing(`${there} npm run check\n${made}`), []);
    assert.deepEqual(missing(heading), ["#page-of-tests"], "docs/page.md is not there");
  });
});

describe("reasons for dependencies", () => {
  const reasons: [string, string][] = [["red blue", "colours"]];

  test("are a table", () => {
    assert.equal(
      reasonTable("a test's", reasons, ["blue", "red"]),
      "| a test's | why |\n|---|---|\n| `red`, `blue` | colours |",
    );
  });

  test("are an error when one is missing or superfluous", () => {
    assert.throws(() => reasonTable("", reasons, ["red", "blue", "green"]), /green has no reason$/);
    assert.throws(() => reasonTable("", reasons, ["red"]), /blue is not a dependency$/);
  });

  test("may have no package when they go with a feature", () => {
    const shapes: [string, string, "goes with a feature"] = ["round square", "shapes", "goes with a feature"];
    const table = reasonTable("", [...reasons, shapes], ["blue", "red", "square"]);
    assert.match(table, /\n\| `square` \| shapes \|$/);
    assert.equal(
      reasonTable("", [...reasons, shapes], ["blue", "red"]),
      reasonTable("", reasons, ["blue", "red"]),
    );
    assert.throws(() => reasonTable("", [shapes], ["red"]), /red has no reason$/);
  });
});
