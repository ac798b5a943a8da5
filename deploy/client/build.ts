import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { readOptions } from "../local/cli.ts";
import { root } from "../local/replica.ts";
import { clientEntries } from "./entries.ts";
import { keepTypesOf, packagesOf } from "./types.ts";

/* `npm run build:client`: the client as a package, in dist/client, for apps that have only that. */

const help = `Builds the client, and the clients of the features, as a package in dist/client.

  npm run build:client -- [options]

  --help     this text`;

readOptions(help, {});

interface Manifest {
  name: string;
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

const out = join(root, "dist/client");
const entries = clientEntries();
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
const { name, version, license, dependencies } = read("package.json");
/** What an app may have more than one of, so that it needs not bring it. */
const ownPackages = new Set(["lib0"]);
const from = (packages: string[]) =>
  Object.fromEntries(packages.map((each) => [each, `^${dependencies[each] ?? ""}`]));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const { metafile } = await build({
  entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(root, file)])),
  bundle: true,
  // What several entries need is in a file of its own: there must be one of each.
  splitting: true,
  format: "esm",
  target: "es2022",
  packages: "external",
  metafile: true,
  outdir: out,
  sourcemap: true,
  logLevel: "warning",
});
const types = spawnSync(
  join(root, "node_modules/.bin/tsc"),
  [
    "--project",
    join(root, "deploy/client/tsconfig.json"),
    "--declaration",
    "--emitDeclarationOnly",
    "--noEmit",
    "false",
    "--rootDir",
    join(root, "src"),
    "--outDir",
    join(out, "types"),
  ],
  { encoding: "utf8" },
);
if (types.status !== 0) throw new Error(types.stdout);
const typePackages = keepTypesOf(Object.values(entries), join(out, "types"));
const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
const codePackages = packagesOf(imports.flatMap(({ path, external }) => (external ? path : [])));
/** What an app brings, so that there is one of each in it. */
const peers = codePackages.filter((each) => !ownPackages.has(each));
const owned = [...new Set([...codePackages, ...typePackages])].filter((each) => !peers.includes(each));

writeFileSync(
  join(out, "package.json"),
  `${JSON.stringify(
    {
      name,
      version,
      license,
      description:
        "The client of a Trimaran server: a typed Socket.IO connection, and clients of the app's features.",
      type: "module",
      sideEffects: false,
      exports: {
        "./client": { types: "./types/client/index.d.ts", default: "./index.js" },
        "./client/*": { types: "./types/features/*/client/index.d.ts", default: "./*.js" },
        "./package.json": "./package.json",
      },
      files: ["*.js", "*.js.map", "types", "README.md", "LICENSE"],
      peerDependencies: from(peers),
      // Of some the types alone: valibot's are in the events' types, and none of its code is in the client.
      dependencies: from(owned),
    },
    null,
    2,
  )}\n`,
);
cpSync(join(root, "deploy/client/README.md"), join(out, "README.md"));
cpSync(join(root, "LICENSE"), join(out, "LICENSE"));

const browser = await build({
  stdin: { contents: 'export * from "./index.js"', resolveDir: out },
  bundle: true,
  minify: true,
  format: "esm",
  packages: "external",
  write: false,
});
const bytes = gzipSync(browser.outputFiles[0]?.contents ?? new Uint8Array()).length;
console.log(`dist/client: ${name} ${version}, ${(bytes / 1024).toFixed(1)} KB in a browser (minified, gzip)`);
