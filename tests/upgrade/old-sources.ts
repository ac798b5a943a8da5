import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";

/**
 * Lays the sources of a commit into a folder, with the packages they need: those that are installed here if the
 * commit has the same lock file, else what npm installs for it. (By `git archive`, which unlike `git worktree` leaves
 * nothing in the repository when a test is killed.)
 *
 * @returns false when this history does not have the commit, as in a shallow clone or a copy without git.
 * @throws {Error} when it has the commit, and the sources could not be had all the same.
 */
export function layOutSources(commit: string, folder: string): boolean {
  const known = spawnSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root });
  if (known.status !== 0) return false;
  const run = (command: string, args: string[], input?: Buffer): Buffer => {
    const done = spawnSync(command, args, {
      cwd: input ? folder : root,
      maxBuffer: 2 ** 28,
      ...(input && { input }),
    });
    if (done.status !== 0)
      throw new Error(
        `the sources of ${commit} can't be had: ${command} ${args.join(" ")}: ${done.error ?? done.stderr}`,
      );
    return done.stdout;
  };
  mkdirSync(folder, { recursive: true });
  run(
    "tar",
    ["-x"],
    run("git", [
      "archive",
      "--format=tar",
      commit,
      "src",
      "package.json",
      "package-lock.json",
      ".npmrc",
      "deno.json",
    ]),
  );
  const lockOf = (of: string) => readFileSync(join(of, "package-lock.json"), "utf8");
  if (lockOf(folder) === lockOf(root)) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  else run("npm", ["ci", "--prefix", folder, "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]);
  return true;
}
