import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
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

interface AuditReport {
  message?: string;
  metadata?: { vulnerabilities: Record<string, number> };
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

  test("the README gives a reason for each, and names no other", () => {
    const section = /## Dependencies, and why each\n([\s\S]*?)\nFor the benchmark alone/.exec(
      read("README.md"),
    )?.[1];
    assert.ok(section);
    const named = [...section.matchAll(/`(@?[a-z][a-z0-9./-]*)`/g)].map(([, name = ""]) => name);
    assert.deepEqual(named.toSorted(), Object.keys(all).toSorted());
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

  test("npm knows of no high or critical vulnerability in what runs in production", async (t) => {
    const args = ["audit", "--json", "--omit=dev", "--fetch-retries=0", "--fetch-timeout=20000"];
    const npm = await start({ command: "npm", args, cwd: root });
    let output = "";
    npm.child.stdout?.on("data", (text: string) => (output += text));
    await npm.exited;
    const report = parseReport(output);
    // A registry that keeps no advisories, or is out of reach, is no reason to fail.
    if (!report?.metadata)
      return t.diagnostic(`npm audit: not available (${report?.message ?? "no answer"})`);
    const { high = 0, critical = 0 } = report.metadata.vulnerabilities;
    assert.equal(high + critical, 0, output);
  });
});

function parseReport(output: string): AuditReport | undefined {
  try {
    return JSON.parse(output) as AuditReport;
  } catch {
    return undefined;
  }
}
