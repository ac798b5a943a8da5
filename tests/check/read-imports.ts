import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { root } from "../../deploy/local/replica.ts";

interface Manifest {
  name: string;
  exports: Record<string, string>;
}

const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

const literal = /\b(?:from|import)\s*\(?\s*(["'])(.+?)\1/g;
/** `import()` of anything but one literal text: what it loads can't be read here. */
const computed = /\b(?:import\s*\((?!\s*"[^"]*"\s*[,)])|createRequire\b)/;

/** What each file of `src` imports of this repository, types and JSON included, as paths below `src`. */
export function readImports(folder = join(root, "src")): Map<string, string[]> {
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) =>
    /\.[cm]?[jt]sx?$/.test(file),
  );
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(folder, file), "utf8"))]));
}

/** @throws {Error} for an import that can't be read, or that package.json does not export. */
export function importsOf(file: string, source: string): string[] {
  if (computed.test(source)) throw new Error(`${file} imports what only shows when it runs`);
  return [...source.matchAll(literal)].flatMap(([, , specifier = ""]) => {
    if (specifier.startsWith(".")) return posix.join(dirname(file), specifier);
    return specifier === name || specifier.startsWith(`${name}/`) ? ownExport(specifier, file) : [];
  });
}

/** The file that the package's own name leads to, such as `trimaran/client`. */
function ownExport(specifier: string, file: string): string {
  const path = `.${specifier.slice(name.length)}`;
  for (const [exported, target] of Object.entries(exports)) {
    const [before = "", after] = exported.split("*");
    const isWhole = after === undefined && path === exported;
    if (!isWhole && (after === undefined || !path.startsWith(before) || !path.endsWith(after))) continue;
    const rest = path.slice(before.length, path.length - (after?.length ?? 0));
    return posix.relative("src", target.replace("*", rest));
  }
  throw new Error(`${file} imports ${specifier}, which package.json does not export`);
}
