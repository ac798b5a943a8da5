import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";

/** Why a commit can't be compared with, in one line. */
export class CheckoutError extends Error {}

export interface Checkout {
  /** The folder of the commit's files. */
  source: string;
  /** The commit's abbreviated id. */
  commit: string;
  remove: () => void;
}

/**
 * Writes a commit's files to a temporary folder that is removed with `remove`, or when this process ends.
 *
 * An index of its own and `git checkout-index`, not `git worktree`: the repository then has nothing registered
 * that a killed process would leave behind.
 *
 * @param revision whatever git takes for a commit.
 * @throws {CheckoutError} when there is no git, no history or no such commit, or its packages can't be installed.
 */
export function checkOut(revision: string, onProgress: (text: string) => void): Checkout {
  const fail = (text: string): never => {
    throw new CheckoutError(`--against ${revision}: ${text}`);
  };
  const run = (command: string, args: string[], cwd: string, env = {}) => {
    const { error, status, stdout, stderr } = spawnSync(command, args, {
      cwd,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    if (error) fail(`${command} can't be started (${(error as NodeJS.ErrnoException).code})`);
    return { isDone: status === 0, output: stdout.trim(), problem: stderr.trim().split("\n").at(-1) ?? "" };
  };
  const git = (...args: string[]) => run("git", args, root);

  const top = git("rev-parse", "--show-toplevel");
  if (!top.isDone) fail("this folder has no git history to take the commit from");
  // A revision that looks like an option would be one.
  const commit = revision.startsWith("-")
    ? ""
    : git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`).output;
  if (commit === "") {
    const isShallow = git("rev-parse", "--is-shallow-repository").output === "true";
    fail(`git knows no such commit${isShallow ? "; this clone is shallow, try git fetch --unshallow" : ""}`);
  }

  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trimaran-against-")));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on("exit", remove);
  try {
    const index = { GIT_INDEX_FILE: join(folder, "index") };
    const tree = join(folder, "tree");
    for (const args of [
      ["read-tree", commit],
      ["checkout-index", "--all", "--quiet", `--prefix=${tree}/`],
    ]) {
      const { isDone, problem } = run("git", args, top.output, index);
      if (!isDone) fail(`git ${args[0]} failed: ${problem}`);
    }
    // Where this project is a folder of a larger repository.
    const source = join(tree, git("rev-parse", "--show-prefix").output);
    if (sameLock(source)) symlinkSync(join(root, "node_modules"), join(source, "node_modules"));
    else {
      onProgress(`installing the packages of ${revision} …`);
      const args = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
      const { isDone, problem } = run("npm", args, source);
      if (!isDone) fail(`npm ci failed: ${problem}`);
    }
    return { source, commit: commit.slice(0, 10), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function sameLock(source: string): boolean {
  const lockOf = (folder: string) => readFileSync(join(folder, "package-lock.json"), "utf8");
  try {
    return lockOf(root) === lockOf(source);
  } catch {
    return false;
  }
}
