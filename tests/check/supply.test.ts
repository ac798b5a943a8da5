import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../deploy/local/replica.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

type Versions = Record<string, string>;

interface Manifest {
  dependencies: Versions;
  devDependencies: Versions;
}

interface PackageLock {
  packages: Record<string, Partial<Manifest> & { version?: string; integrity?: string; resolved?: string }>;
}

interface BunLock {
  workspaces: Record<string, Partial<Manifest>>;
  packages: Record<string, [idAndVersion: string, ...rest: unknown[]]>;
}

const read = (file: string) => readFileSync(join(root, file), "utf8");
/** bun.lock is JSON with commas after the last item. */
const parseLoosely = (text: string): unknown => JSON.parse(text.replace(/,(\s*[}\]])/g, "$1"));

describe("what the project depends on", { timeout: groupTimeoutMs }, () => {
  const manifest = JSON.parse(read("package.json")) as Manifest;
  const all = { ...manifest.dependencies, ...manifest.devDependencies };

  test("versions are exact", () => {
    for (const [name, version] of Object.entries(all)) assert.match(version, /^\d+\.\d+\.\d+/, name);
  });

  test("package-lock.json has the same, each with its checksum", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as PackageLock;
    assert.deepEqual(packages[""]?.dependencies, manifest.dependencies);
    assert.deepEqual(packages[""]?.devDependencies, manifest.devDependencies);
    for (const [name, version] of Object.entries(all))
      assert.equal(packages[`node_modules/${name}`]?.version, version, name);
    for (const [path, { integrity }] of Object.entries(packages))
      assert.ok(path === "" || integrity?.startsWith("sha512-"), `${path} has a checksum`);
  });

  test("bun.lock has the same, each with its checksum", () => {
    const { workspaces, packages } = parseLoosely(read("bun.lock")) as BunLock;
    assert.deepEqual(workspaces[""]?.dependencies, manifest.dependencies);
    assert.deepEqual(workspaces[""]?.devDependencies, manifest.devDependencies);
    for (const [name, version] of Object.entries(all))
      assert.equal(packages[name]?.[0], `${name}@${version}`, name);
    for (const [name, entry] of Object.entries(packages))
      assert.match(String(entry.at(-1)), /^sha512-/, `${name} has a checksum`);
  });
});
