import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./replica.ts";

/** The files of this name in the features' folders, by the name of the feature; paths are relative to the repository. */
export function filesOfFeatures(file: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(root, "src/features"))
      .map((name) => [name, `src/features/${name}/${file}`] as const)
      .filter(([, path]) => existsSync(join(root, path))),
  );
}
