import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { root } from "../local/replica.ts";

/* `npm run build:client`: the client as a package, in dist/client, for apps that have only that. */

interface Manifest {
  name: string;
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

const out = join(root, "dist/client");
const entry = join(root, "src/client/index.ts");
const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
const { name, version, license, dependencies } = read("package.json");
/** What an app brings, so that there is one of each in it: Yjs must not be there twice. */
const peers = ["socket.io-client", "yjs", "y-protocols"];
const external = [...peers, "lib0"];
const from = (packages: string[]) =>
  Object.fromEntries(packages.map((each) => [each, `^${dependencies[each] ?? ""}`]));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await build({
  entryPoints: [entry],
  bundle: true,
  format: "esm",
  target: "es2022",
  external: external.flatMap((each) => [each, `${each}/*`]),
  outfile: join(out, "index.js"),
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

writeFileSync(
  join(out, "package.json"),
  `${JSON.stringify(
    {
      name,
      version,
      license,
      description:
        "The client of a Trimaran server: a typed Socket.IO connection, and Yjs documents over it.",
      type: "module",
      sideEffects: false,
      exports: {
        "./client": { types: "./types/client/index.d.ts", default: "./index.js" },
        "./package.json": "./package.json",
      },
      files: ["index.js", "index.js.map", "types", "README.md", "LICENSE"],
      peerDependencies: from(peers),
      // valibot's types are in the events' types; none of its code is in the client.
      dependencies: from(["lib0", "valibot"]),
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
  external: external.flatMap((each) => [each, `${each}/*`]),
  write: false,
});
const bytes = gzipSync(browser.outputFiles[0]?.contents ?? new Uint8Array()).length;
console.log(`dist/client: ${name} ${version}, ${(bytes / 1024).toFixed(1)} KB in a browser (minified, gzip)`);
