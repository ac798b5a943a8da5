/*
 * Which part of `src` may import which, types included. A part is a file or a folder; the longest name that fits a
 * file is its part. Files of one part may import each other, those of one feature too.
 */

/** The platform's parts, which know no feature. */
const platform = {
  "platform/util": [],
  "platform/contract": ["platform/util"],
  "platform/observability": ["platform/util"],
  "platform/storage": ["platform/util"],
  "platform/limits": ["platform/observability", "platform/util"],
  "platform/auth": ["platform/contract", "platform/storage", "platform/observability", "platform/util"],
  "platform/delivery": ["platform/storage", "platform/observability", "platform/util"],
  "platform/redis": [
    "platform/delivery",
    "platform/auth",
    "platform/limits",
    "platform/observability",
    "platform/util",
  ],
  "platform/runtime": ["platform/observability", "platform/util"],
  "platform/gateway": [
    "platform/contract",
    "platform/auth",
    "platform/limits",
    "platform/observability",
    "platform/util",
    "platform/feature.ts",
  ],
  "platform/http": ["platform/*"],
  "platform/feature.ts": ["platform/*"],
};

/** What each part may import besides itself; `*` is anything. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  ...platform,
  features: ["platform/*", "client", "features/*/index.ts"],
  // A feature's parts of the page and of the control room, and its client, are for browsers.
  "features/*/page": ["client", "features/*", "web", "platform/contract", "platform/util"],
  "features/*/control-room": ["client", "features/*", "web", "platform/contract", "platform/util"],
  "features/*/client": ["client", "features/*", "platform/contract", "platform/util"],
  client: ["features.ts", "platform/contract", "platform/gateway/contract.ts", "platform/util"],
  web: ["client", "features.ts", "platform/*"],
  "features.ts": ["features/*/index.ts", "platform/contract"],
  config: ["features.ts", "platform/*"],
  "app.ts": ["config.ts", "features.ts", "web/routes.ts", "platform/*"],
  "process.ts": ["app.ts", "config.ts", "platform/*"],
  "main.ts": ["features.ts", "platform/contract", "process.ts"],
};

/** What single files may import of the repository outside `src`. */
const outside: Readonly<Record<string, string>> = { "platform/util/version.ts": "../package.json" };

/** Whether a file is in a part. */
function isIn(part: string, file: string): boolean {
  const pattern = part.replaceAll(".", "\\.").replace("features/*", "features/[^/]+").replaceAll("*", ".+");
  return new RegExp(`^${pattern.replace("[^/].+", "[^/]+")}($|/|\\.ts$)`).test(file);
}

function partOf(file: string): string | undefined {
  return Object.keys(layers)
    .filter((part) => isIn(part, file))
    .toSorted((a, b) => b.length - a.length)[0];
}

const featureOf = (file: string) => /^features\/([^/]+)\//.exec(file)?.[1];

export function mayImport(file: string, imported: string): boolean {
  if (imported.startsWith("../")) return outside[file] === imported;
  const part = partOf(file);
  if (part === undefined) return false;
  const [own, other] = [featureOf(file), featureOf(imported)];
  if (own !== undefined && own === other) return true;
  const isOfAnother = other !== undefined && own !== undefined;
  if (isOfAnother) return /^features\/[^/]+(\/client)?\/index\.ts$/.test(imported);
  return partOf(imported) === part || (layers[part] ?? []).some((allowed) => isIn(allowed, imported));
}

/** Files that import each other in a circle, types included. */
export function findCycles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  function visit(file: string, path: readonly string[]): void {
    const at = path.indexOf(file);
    if (at >= 0) return void cycles.push([...path.slice(at), file].join(" > "));
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  }
  for (const file of imports.keys()) visit(file, []);
  return cycles;
}
