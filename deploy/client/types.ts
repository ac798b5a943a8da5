import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const specifier = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

/** The packages of module names, each once: `a/b` is of `a`; paths and Node's own are of none. */
export function packagesOf(modules: readonly string[]): string[] {
  const names = modules.flatMap((path) => /^(?!node:)(?:@[^/]+\/)?[^./@][^/]*/.exec(path)?.[0] ?? []);
  return [...new Set(names)].toSorted();
}

/**
 * Removes the declarations that none of these sources leads to: those of the server.
 * @returns the packages that the others name.
 */
export function keepTypesOf(sources: readonly string[], folder: string): string[] {
  const kept = new Set<string>();
  const modules: string[] = [];
  function visit(file: string): void {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(specifier))
      if (path.startsWith(".")) visit(join(dirname(file), path.replace(/\.(js|ts)$/, ".d.ts")));
      else modules.push(path);
  }
  for (const source of sources) visit(join(folder, source.replace(/^src\//, "").replace(/\.ts$/, ".d.ts")));
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".d.ts") && !kept.has(join(folder, file))) rmSync(join(folder, file));
  return packagesOf(modules);
}
