import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { copyRepository, follow } from "./follow.ts";

const author = ["-c", "user.name=A developer", "-c", "user.email=developer@localhost"];

function git(cwd: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", [...author, ...args], { cwd, encoding: "utf8" });
  assert.equal(status, 0, `git ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

describe("the guide to updates", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const [trimaran, product] = [join(folder, "trimaran"), join(folder, "product")];
  const read = (file: string) => readFileSync(join(product, file), "utf8");

  /** One file changed, one added, one removed, and a file that the product changes too. */
  function publishNewer(): void {
    const edit = (file: string, from: string, to: string) => {
      const text = readFileSync(join(trimaran, file), "utf8");
      assert.ok(text.includes(from), `${file} has ${from}`);
      writeFileSync(join(trimaran, file), text.replace(from, to));
    };
    edit("src/platform/version.ts", 'platformVersion = "', 'platformVersion = "9');
    edit("package.json", '"scripts": {', '"scripts": {\n    "newer": "node --version",');
    writeFileSync(join(trimaran, "src/platform/util/newer.ts"), "export const newer = true;\n");
    rmSync(join(trimaran, "tests/unit/local/free-port.test.ts"));
    git(trimaran, "add", "--all");
    git(trimaran, "commit", "--quiet", "--message", "A newer version");
  }

  test("takes a newer platform into a product, and leaves the product's own files alone", () => {
    copyRepository(trimaran);
    git(trimaran, "branch", "-M", "main");
    git(folder, "clone", "--quiet", "--origin", "trimaran", trimaran, product);
    symlinkSync(realpathSync(join(root, "node_modules")), join(product, "node_modules"));
    git(product, "config", "user.name", "A developer");
    git(product, "config", "user.email", "developer@localhost");
    writeFileSync(join(product, "src/features/chat/own.ts"), "export const own = true;\n");
    git(product, "add", "src/features/chat/own.ts");
    publishNewer();

    follow("update-the-platform.md", product);
    assert.match(read("src/platform/version.ts"), /platformVersion = "9/);
    assert.ok(existsSync(join(product, "src/platform/util/newer.ts")));
    assert.ok(!existsSync(join(product, "tests/unit/local/free-port.test.ts")), "removed with the update");
    assert.ok(existsSync(join(product, "src/features/chat/own.ts")));
    const manifest = JSON.parse(read("package.json")) as { name: string; scripts: Record<string, string> };
    assert.deepEqual([manifest.name, manifest.scripts["newer"]], ["my-product", "node --version"]);
    assert.equal(git(product, "status", "--porcelain"), "");
    assert.equal(git(product, "rev-parse", "trimaran-taken"), git(trimaran, "rev-parse", "main"));
  });
});
