import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Packages of the platform's scenarios, and of the charts. */
export const ownPeers = new URL(".", import.meta.url);

/** What is compared with is installed in the folder of its scenarios alone, and only when it is compared with. */
export function installPeers(...folders: readonly URL[]): void {
  for (const cwd of new Set(folders.map((folder) => fileURLToPath(folder)))) {
    if (existsSync(`${cwd}node_modules/.package-lock.json`)) continue;
    console.log("installing what is compared with …");
    const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm ci in ${cwd} failed:\n${stderr}`);
  }
}
