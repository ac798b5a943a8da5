import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** Who may not import whom, as the lint rules have it: each of these must fail the check. */
const wrong: [file: string, source: string, rule?: string][] = [
  ["src/shared/a.ts", 'import "../config.ts";'],
  ["src/http/d.ts", 'import "../config/bounds.ts";'],
  ["src/realtime/handlers/c.ts", 'import "../../config.ts";'],
  ["src/limits/a.ts", 'import "../documents/stores.ts";'],
  ["src/limits/b.ts", 'import "../auth/access.ts";'],
  ["src/auth/a.ts", 'import "../limits/limits.ts";'],
  ["src/features/documents/a.ts", 'import "../redis/link.ts";'],
  ["src/features/documents/b.ts", 'import "../realtime/events.ts";'],
  ["src/redis/a.ts", 'import "../realtime/server.ts";'],
  ["src/realtime/a.ts", 'import "../redis/link.ts";'],
  ["src/realtime/handlers/a.ts", 'import "../../redis/link.ts";'],
  ["src/realtime/handlers/b.ts", 'import "../../http/app.ts";'],
  ["src/http/a.ts", 'import "../realtime/server.ts";'],
  ["src/http/b.ts", 'import "../runtime/node.ts";'],
  ["src/runtime/a.ts", 'import "../documents/documents.ts";'],
  ["src/client/a.ts", 'import "../realtime/server.ts";'],
  ["src/client/b.ts", 'import "../shared/log.ts";'],
  ["src/http/d.ts", 'import "../web/assets.ts";'],
  ["src/web/a.ts", 'import "../realtime/server.ts";'],
  ["src/web/b.ts", 'import "../features/chat/client/index.ts";'],
  ["src/main.ts", 'import "./redis/link.ts";'],
  ["src/http/c.ts", "export const version = Bun.version;", "no-restricted-globals"],
  ["src/features/documents/c.ts", "export const version = Deno.version;", "no-restricted-globals"],
  ["src/limits/cycle.ts", 'import { other } from "./other.ts";\nexport const cycle = other;', "no-cycle"],
  ["src/limits/other.ts", 'import { cycle } from "./cycle.ts";\nexport const other = cycle;', "no-cycle"],
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

interface Report {
  diagnostics: { code: string; filename: string }[];
}

describe("import direction", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  cpSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [file, source] of [...wrong, ...right]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
  const oxlint = join(root, "node_modules/.bin/oxlint");
  const { stdout } = spawnSync(oxlint, ["--deny-warnings", "--format", "json"], {
    cwd: folder,
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(stdout) as Report;
  const rulesBrokenBy = (file: string) =>
    diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);

  for (const [file, source, rule = "no-restricted-imports"] of wrong) {
    test(`${file} may not: ${source.split("\n")[0]}`, () => {
      const broken = rulesBrokenBy(file);
      assert.ok(
        broken.some((code) => code.endsWith(`(${rule})`)),
        broken.join(),
      );
    });
  }
  for (const [file, source] of right) {
    test(`${file} may: ${source.split("\n")[0]}`, () => assert.deepEqual(rulesBrokenBy(file), []));
  }
});
