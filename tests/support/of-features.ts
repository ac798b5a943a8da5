import { existsSync, readdirSync } from "node:fs";

const features = new URL("../features/", import.meta.url);

/**
 * Imports a module from the folder of each feature's tests that has one, so that nothing outside that folder names the
 * feature: tests of a feature go with its folder.
 * @param file such as `suite.ts`, in `tests/features/<name>/`.
 */
export function importOfFeatures<T>(file: string): Promise<T[]> {
  // An app without features has no such folder: git keeps no empty one.
  const entries = existsSync(features) ? readdirSync(features, { withFileTypes: true }) : [];
  const found = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => new URL(`${name}/${file}`, features))
    .filter((url) => existsSync(url));
  return Promise.all(found.map((url) => import(url.href) as Promise<T>));
}
