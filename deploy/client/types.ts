import { readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const specifier = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** Removes the declarations that none of these sources leads to: those of the server. */
export function keepTypesOf(sources: readonly string[], folder: string): void {
  const kept = new Set<string>();
  function visit(file: string): void {
    if (kept.has(file)) return;
    kept.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(specifier))
      visit(join(dirname(file), path.replace(/\.(js|ts)$/, ".d.ts")));
  }
  for (const source of sources) visit(join(folder, source.replace(/^src\//, "").replace(/\.ts$/, ".d.ts")));
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (file.endsWith(".d.ts") && !kept.has(join(folder, file))) rmSync(join(folder, file));
}
