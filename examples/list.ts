import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../deploy/local/replica.ts";

export interface Example {
  name: string;
  /** From the root of the repository. */
  folder: string;
  /** What it is: the first line of its `main.ts`, a comment. */
  about: string;
  /** Whether it is a page, and no program. */
  isPage: boolean;
}

/** The apps of this folder, and those in the folders of the features: they go with their feature. */
export function listExamples(): Example[] {
  return globSync("{examples,src/features/*/examples}/*/main.ts", { cwd: root })
    .map((file) => {
      const folder = dirname(file);
      const [first = ""] = readFileSync(join(root, file), "utf8").split("\n");
      const isPage = existsSync(join(root, folder, "index.html"));
      return { name: basename(folder), folder, about: first.replace(/^\/\/ |\.$/g, ""), isPage };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}
