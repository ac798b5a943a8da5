import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findCycles, mayImport } from "./layers.ts";
import { importsOf, readImports } from "./read-imports.ts";

const imports = readImports();

const wrong: [file: string, imported: string][] = [
  ["platform/gateway/a.ts", "features/boards/store.ts"],
  ["platform/http/a.ts", "features.ts"],
  ["platform/http/a.ts", "web/assets.ts"],
  ["platform/gateway/a.ts", "platform/redis/connection-supervisor.ts"],
  ["platform/gateway/a.ts", "platform/http/app.ts"],
  ["platform/util/a.ts", "platform/observability/log.ts"],
  ["platform/limits/a.ts", "platform/auth/access.ts"],
  ["platform/contract/a.ts", "platform/gateway/socket.ts"],
  ["platform/redis/a.ts", "platform/gateway/gateway.ts"],
  ["features/notes/a.ts", "features/boards/store.ts"],
  ["features/notes/page/a.ts", "platform/redis/cluster.ts"],
  ["features/notes/a.ts", "app.ts"],
  ["client/a.ts", "platform/gateway/gateway.ts"],
  ["client/a.ts", "features/boards/server.ts"],
  ["web/a.ts", "features/boards/page/index.ts"],
  ["process.ts", "features/notes/index.ts"],
  ["platform/http/a.ts", "../package.json"],
  ["platform/util/version.ts", "../tests/a.json"],
  ["platform/gateway/a.ts", "features/boards/texts.json"],
];
const right: [file: string, imported: string][] = [
  ["features/notes/a.ts", "features/boards/index.ts"],
  ["features/notes/client/a.ts", "features/notes/contract.ts"],
  ["features/notes/page/a.ts", "features/boards/client/index.ts"],
  ["features/notes/a.ts", "platform/redis/cluster.ts"],
  ["client/a.ts", "features.ts"],
  ["platform/util/version.ts", "../package.json"],
];

describe("import direction", () => {
  test("each file of src imports what its part may", () => {
    const broken = [...imports].flatMap(([file, all]) =>
      all.filter((imported) => !mayImport(file, imported)).map((imported) => `${file} imports ${imported}`),
    );
    assert.deepEqual(broken, []);
    assert.ok([...imports.values()].flat().length > 500, "imports are found");
  });

  test("an import is seen however it is written", () => {
    const source = `
      import type { A } from "./a.ts";
      import manifest from "../../../package.json" with { type: "json" };
      import "./effect.ts";
      export * from './single.ts';
      import { connect } from "trimaran/client";
      import {
        Notes,
      } from "trimaran/client/notes";
      const late = await import("./late.ts");
      type B = import("./b.ts").B;
      import { Hono } from "hono";`;
    assert.deepEqual(importsOf("platform/http/x.ts", source), [
      "platform/http/a.ts",
      "../package.json",
      "platform/http/effect.ts",
      "platform/http/single.ts",
      "client/index.ts",
      "features/notes/client/index.ts",
      "platform/http/late.ts",
      "platform/http/b.ts",
    ]);
  });

  for (const source of [
    "await import(`../features/${name}.ts`)",
    "await import(path)",
    'await import("../features/" + name)',
    "const require = createRequire(import.meta.url)",
    'import { a } from "trimaran/server"',
  ])
    test(`refused: ${source}`, () => assert.throws(() => importsOf("platform/http/x.ts", source)));

  test("no files import each other in a circle, types included", () => {
    assert.deepEqual(findCycles(imports), []);
    assert.deepEqual(
      findCycles(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["a"]],
        ]),
      ),
      ["a > b > c > a"],
    );
  });

  for (const [file, imported] of wrong)
    test(`${file} may not import ${imported}`, () => assert.ok(!mayImport(file, imported)));
  for (const [file, imported] of right)
    test(`${file} may import ${imported}`, () => assert.ok(mayImport(file, imported)));
});
