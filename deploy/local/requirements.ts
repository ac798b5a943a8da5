import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Requirement {
  /** The program that must be on the PATH. */
  program: string;
  /** Debian's (and Ubuntu's) package for it. */
  debian: string;
  homebrew: string;
}

export const redisServer: Requirement = {
  program: "redis-server",
  debian: "redis-server",
  homebrew: "redis",
};
export const caddy: Requirement = { program: "caddy", debian: "caddy", homebrew: "caddy" };
/** Makes the certificates of tests. */
export const openssl: Requirement = { program: "openssl", debian: "openssl", homebrew: "openssl" };
/** Its promtool comes with it. */
export const prometheus: Requirement = {
  program: "prometheus",
  debian: "prometheus",
  homebrew: "prometheus",
};
/** Its systemd-analyze judges units; elsewhere there are none to judge. */
export const systemd: Requirement = {
  program: "systemd-analyze",
  debian: "systemd",
  homebrew: "systemd",
};
export const chromium: Requirement = { program: "chromium", debian: "chromium", homebrew: "--cask chromium" };

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function missing(requirements: readonly Requirement[]): Requirement[] {
  return requirements.filter(({ program }) => !isInstalled(program));
}

/** What a person types to get them. */
export function howToInstall(requirements: readonly Requirement[]): string {
  const names = requirements.map(({ program }) => program).join(", ");
  const debian = requirements.map((requirement) => requirement.debian).join(" ");
  const homebrew = requirements.map((requirement) => requirement.homebrew).join(" ");
  return (
    `Not installed here: ${names}.\n` +
    `  Debian, Ubuntu:  sudo apt-get update && sudo apt-get install -y ${debian}\n` +
    `  macOS:           brew install ${homebrew}`
  );
}

/**
 * Installs Debian packages where that needs no password (root, or sudo without one).
 * @returns whether everything is there now.
 */
export function install(requirements: readonly Requirement[], onProgress: (text: string) => void): boolean {
  if (!isInstalled("apt-get")) return false;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && spawnSync("sudo", ["-n", "true"]).status !== 0) return false;
  const packages = requirements.map(({ debian }) => debian);
  onProgress(`installing Debian packages: ${packages.join(" ")}`);
  const apt = (...args: string[]) =>
    spawnSync(isRoot ? "apt-get" : "sudo", [...(isRoot ? [] : ["-n", "apt-get"]), ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update", "-q");
  apt("install", "-y", "-q", "--no-install-recommends", ...packages);
  return missing(requirements).length === 0;
}

/** Installs what is missing where that needs no password; ends the process, saying what to type, where it does. */
export function need(requirements: readonly Requirement[]): void {
  const lacking = missing(requirements);
  if (lacking.length === 0 || install(lacking, (text) => console.log(text))) return;
  console.error(`Real parts are needed. ${howToInstall(missing(lacking))}`);
  process.exit(1);
}
