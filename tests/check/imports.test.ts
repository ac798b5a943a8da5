import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Who may import whom, as the lint rules have it: each of these must fail the check. */
const wrong: [file: string, source: string][] = [
  ["src/shared/bad.ts", 'import "../config.ts";'],
  ["src/limits/bad.ts", 'import "../documents/stores.ts";'],
  ["src/auth/bad.ts", 'import "../limits/limits.ts";'],
  ["src/limits/bad.ts", 'import "../auth/access.ts";'],
  ["src/documents/bad.ts", 'import "../redis/link.ts";'],
  ["src/documents/bad.ts", 'import "../realtime/events.ts";'],
  ["src/redis/bad.ts", 'import "../realtime/server.ts";'],
  ["src/realtime/bad.ts", 'import "../redis/link.ts";'],
  ["src/realtime/handlers/bad.ts", 'import "../../redis/link.ts";'],
  ["src/realtime/handlers/bad.ts", 'import "../../http/app.ts";'],
  ["src/http/bad.ts", 'import "../realtime/server.ts";'],
  ["src/http/bad.ts", 'import "../runtime/node.ts";'],
  ["src/runtime/bad.ts", 'import "../documents/documents.ts";'],
  ["src/client/bad.ts", 'import "../realtime/server.ts";'],
  ["src/client/bad.ts", 'import "../shared/log.ts";'],
  ["src/web/bad.ts", 'import "../realtime/server.ts";'],
  ["src/main.ts", 'import "./redis/link.ts";'],
  ["src/http/bad.ts", "export const version = Bun.version;"],
  ["src/documents/bad.ts", "export const version = Deno.version;"],
  ["src/limits/bad.ts", 'import "./worse.ts";\nexport const bad = 1;'],
];

const right: [file: string, source: string][] = [
  ["src/http/good.ts", 'import "../realtime/events.ts";\nimport "../auth/access.ts";'],
  ["src/client/good.ts", 'import "../realtime/events.ts";'],
  [
    "src/redis/good.ts",
    'import "../documents/stores.ts";\nimport "../limits/once.ts";\nimport "../shared/log.ts";',
  ],
  ["src/runtime/good.ts", "export const version = Bun.version;"],
];

describe("import direction", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  cpSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));

  function passes(file: string, source: string): boolean {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), source);
    writeFileSync(
      join(folder, "src/limits/worse.ts"),
      'import { bad } from "./bad.ts";\nexport const worse = bad;',
    );
    const { status } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--deny-warnings", file], {
      cwd: folder,
    });
    return status === 0;
  }

  mkdirSync(join(folder, "src/limits"), { recursive: true });
  for (const [file, source] of wrong) {
    test(`${file} may not: ${source.split("\n")[0]}`, () => assert.ok(!passes(file, source)));
  }
  for (const [file, source] of right) {
    test(`${file} may: ${source.split("\n")[0]}`, () => assert.ok(passes(file, source)));
  }
});
