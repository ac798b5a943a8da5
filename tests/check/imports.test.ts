import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findCycles, mayImport, readImports } from "./layers.ts";

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
];
const right: [file: string, imported: string][] = [
  ["features/notes/a.ts", "features/boards/index.ts"],
  ["features/notes/client/a.ts", "features/notes/contract.ts"],
  ["features/notes/page/a.ts", "features/boards/client/index.ts"],
  ["features/notes/a.ts", "platform/redis/cluster.ts"],
  ["client/a.ts", "features.ts"],
];

describe("import direction", () => {
  test("each file of src imports what its part may", () => {
    const broken = [...imports].flatMap(([file, all]) =>
      all.filter((imported) => !mayImport(file, imported)).map((imported) => `${file} imports ${imported}`),
    );
    assert.deepEqual(broken, []);
    assert.ok([...imports.values()].flat().length > 500, "imports are found");
  });

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
