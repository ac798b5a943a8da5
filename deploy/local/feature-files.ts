import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./replica.ts";

/** The files of this name in the features' folders, by the name of the feature; paths are relative to the repository. */
export function filesOfFeatures(file: string): Record<string, string> {
  const folder = join(root, "src/features");
  // An app without features has no such folder: git keeps no empty one.
  const features = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(
    features
      .map((name) => [name, `src/features/${name}/${file}`] as const)
      .filter(([, path]) => existsSync(join(root, path))),
  );
}
