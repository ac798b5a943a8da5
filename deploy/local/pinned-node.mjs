import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * After an install: sees to it that the pinned Node is there on a machine that has only Bun. The
 * `node` package fetches its binary with npm, which such a machine lacks; Bun fetches it here instead.
 * JavaScript, not TypeScript: any Node or Bun that installs must be able to run it.
 */

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const target = join(modules, "node/bin/node");

// Production installs have no `node` package, and with npm the binary is there by now.
if (existsSync(join(modules, "node/package.json")) && !existsSync(target) && process.versions.bun) {
  const { version } = JSON.parse(readFileSync(join(modules, "node/package.json"), "utf8"));
  const platform = process.platform === "win32" ? "win" : process.platform;
  const prefix = platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${platform}-${process.arch}`;
  const folder = mkdtempSync(join(modules, ".node-"));
  try {
    writeFileSync(join(folder, "package.json"), "{}");
    const { status } = spawnSync(process.execPath, ["add", `${name}@${version}`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`"bun add ${name}@${version}" failed`);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(folder, "node_modules", name, "bin/node"), target);
    chmodSync(target, 0o755);
    rmSync(join(modules, ".bin/node"), { force: true });
    symlinkSync("../node/bin/node", join(modules, ".bin/node"));
  } catch (error) {
    // The server runs on Bun all the same; only what starts a Node replica needs it.
    console.warn(
      `The pinned Node could not be installed: ${error.message}. Commands that start Node use the one on the PATH.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
