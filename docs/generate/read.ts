import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";

/** A file of the tree, by its path from the root. */
export const read = (file: string): string => readFileSync(join(root, file), "utf8");

export function readIfThere(file: string): string | undefined {
  try {
    return read(file);
  } catch {
    return undefined;
  }
}
