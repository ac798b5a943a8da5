import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { before, describe, test } from "node:test";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { clientEntries } from "../../deploy/client/entries.ts";
import { temporaryFolder } from "../support/folder.ts";
import { importOfFeatures } from "../support/of-features.ts";
import { useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { type AppProgram, program as rooms } from "./program.ts";

const ofFeatures = await importOfFeatures<{ program: AppProgram }>("client-program.ts");
/** An app that began as a clone of Trimaran has a name of its own. */
const { name: packageName } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  name: string;
};
const programs = [rooms, ...ofFeatures.map(({ program }) => program)].map((program) => ({
  ...program,
  source: program.source.replaceAll("trimaran/client", `${packageName}/client`),
}));

describe("the client as a package", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const server = useServer("node");
  let built = "";
  let manifest: { dependencies: object; peerDependencies: object };

  function spawn(command: string, args: string[], env: Record<string, string> = {}, cwd = folder) {
    const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`;
    return spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, PATH: path, ...env } });
  }

  /** @returns what it printed; it must end without an error. */
  function run(...command: Parameters<typeof spawn>): string {
    const { status, stdout, stderr } = spawn(...command);
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  }

  before(() => {
    built = run("npm", ["run", "build:client"], {}, root);
    const [{ filename = "" } = {}] = JSON.parse(
      run("npm", ["pack", "--json", "--pack-destination", folder], {}, join(root, "dist/client")),
    ) as { filename: string }[];
    manifest = JSON.parse(readFileSync(join(root, "dist/client/package.json"), "utf8")) as typeof manifest;
    writeFileSync(join(folder, "package.json"), '{ "name": "app", "type": "module", "private": true }');
    run("npm", [
      "install",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      join(folder, filename),
      ...Object.keys(manifest.peerDependencies),
      "@types/node",
    ]);
  });

  test("is small", () => {
    const [, kilobytes = ""] = /([\d.]+) KB in a browser/.exec(built) ?? [];
    assert.ok(Number(kilobytes) > 1 && Number(kilobytes) < 4, built);
  });

  test("brings no server, and has the app bring what must be there once", () => {
    assert.deepEqual(Object.keys(manifest.dependencies), ["lib0", "valibot"]);
    for (const peer of programs.flatMap(({ peers }) => peers))
      assert.ok(peer in manifest.peerDependencies, peer);
    const files = readdirSync(join(folder, "node_modules", packageName));
    const scripts = files.filter((file) => file.endsWith(".js"));
    const others = files.filter((file) => !/\.js(\.map)?$/.test(file));
    assert.deepEqual(others.toSorted(), ["LICENSE", "README.md", "package.json", "types"]);
    for (const entry of Object.keys(clientEntries())) assert.ok(scripts.includes(`${entry}.js`), entry);
    for (const script of scripts)
      assert.doesNotMatch(
        readFileSync(join(folder, "node_modules", packageName, script), "utf8"),
        /valibot|redis/,
      );
  });

  test("has types that stand alone", () => {
    mkdirSync(join(folder, "src"), { recursive: true });
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", "node"];
    const filesOf = (kind: string, textOf: (program: AppProgram) => string) =>
      programs.map((program) => {
        const file = `src/${kind}-${program.name}.ts`;
        writeFileSync(join(folder, file), textOf(program));
        return file;
      });
    run("tsc", [...options, ...filesOf("right", ({ source }) => source)]);
    const wrong = filesOf("wrong", ({ source, wrong: [from, to] }) => source.replace(from, to));
    const { status, stdout } = spawn("tsc", [...options, ...wrong]);
    assert.notEqual(status, 0);
    for (const {
      name,
      wrong: [, , error],
    } of programs)
      assert.match(stdout.split("\n").find((line) => line.includes(`wrong-${name}.ts`)) ?? "", error, stdout);
  });

  for (const { name, source, prints } of programs)
    for (const runtime of runtimes) {
      test(`works on ${runtime}: ${name}`, () => {
        const file = `${name}-${runtime}.ts`;
        writeFileSync(join(folder, file), source);
        const args = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] }[runtime];
        const env = { SERVER: server().url, RUNTIME: runtime };
        const output = run(runtimeCommand(runtime), [...args, file], env);
        assert.deepEqual(JSON.parse(output), prints);
      });
    }
});
