import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { root } from "../../deploy/local/replica.ts";

type Step =
  | { kind: "new"; path: string; text: string }
  | { kind: "before" | "after"; path: string; anchor: string; text: string }
  | { kind: "replace"; path: string; old: string; text: string }
  | { kind: "patch"; text: string }
  | { kind: "run"; command: string };

/** Follows a guide literally: writes what it says to write, and runs what it says to run. */
export function follow(guide: string, folder: string): void {
  for (const step of readSteps(readFileSync(join(root, "docs/guides", guide), "utf8"))) {
    if (step.kind === "run") run(step.command, folder);
    else if (step.kind === "patch") patch(step.text, folder);
    else edit(step, folder);
  }
}

/** A copy of what is in the repository and in its work tree, with the packages that are installed here. */
export function copyRepository(folder: string, from = root): void {
  const { stdout } = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: from,
    encoding: "utf8",
  });
  // Git lists a file that was deleted, until that is committed.
  const files = stdout.split("\0").filter((file) => file !== "" && existsSync(join(from, file)));
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(from, file), join(folder, file), { force: true });
  }
  symlinkSync(realpathSync(join(root, "node_modules")), join(folder, "node_modules"));
  run("git init --quiet", folder);
  commitAll(folder);
}

/** Commits what is in the work tree of a copy. */
export function commitAll(folder: string): void {
  run("git add --all", folder);
  run("git -c user.name=Reader -c user.email=reader@localhost commit --quiet --message Copy", folder);
}

/** Removes features from a copy, as docs/guides/remove-documents.md has it; the pages are to be made anew. */
export function removeFeatures(names: readonly string[], folder: string): void {
  for (const name of names) {
    run(`rm -rf src/features/${name} tests/features/${name}`, folder);
    run(`sed -i '/"\\.\\/features\\/${name}\\//d' src/features.ts`, folder);
  }
  // As in a clone: git keeps no empty folder.
  run("rmdir --ignore-fail-on-non-empty src/features tests/features", folder);
}

/** Features in a copy, or in the repository. */
export function featuresIn(folder = root): string[] {
  return globSync("src/features/*/index.ts", { cwd: folder }).map((file) => basename(dirname(file)));
}

/** Runs steps of the tests in a copy, and fails with their output. */
export function runTests(steps: readonly string[], folder: string): void {
  run(["npm test --", ...steps.map((step) => `--only "${step}"`)].join(" "), folder);
}

/** What `npm run docs` writes. */
const generated =
  /\.md$|^docs\/|^\.env\.example$|^deploy\/monitoring\/(features\.alerts\.yml|grafana-dashboard\.json)$/;

/** Files of a copy that differ from what was copied, without those that `npm run docs` writes. */
export function changesIn(folder: string): string[] {
  const { stdout } = spawnSync("git", ["status", "--porcelain", "--untracked-files=all"], {
    cwd: folder,
    encoding: "utf8",
  });
  const files = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(3));
  return files.filter((file) => !generated.test(file));
}

/** The sentences and blocks that docs/guides/README.md names. */
function readSteps(markdown: string): Step[] {
  const steps: Step[] = [];
  let prose = "";
  let open: { kind: "before" | "after" | "replace"; path: string; first: string } | undefined;
  for (const [index, part] of markdown.split(/^```/m).entries()) {
    if (index % 2 === 0) {
      prose = part.replaceAll(/\s+/g, " ");
      continue;
    }
    const language = /^\w*/.exec(part)?.[0] ?? "";
    const block = part.slice(language.length + 1);
    if (open) {
      const { kind, path, first } = open;
      steps.push(
        kind === "replace"
          ? { kind, path, old: first, text: block }
          : { kind, path, anchor: first, text: block },
      );
      open = undefined;
      continue;
    }
    if (language === "sh") {
      const commands = block.replaceAll("\\\n", " ").split("\n").filter(Boolean);
      steps.push(...commands.map((command) => ({ kind: "run" as const, command })));
      continue;
    }
    if (language === "diff") {
      steps.push({ kind: "patch", text: block });
      continue;
    }
    const file = /New file `([^`]+)`:[^`]*$/.exec(prose)?.[1];
    const place = /[Ii]n `([^`]+)`, (before|after|replace):[^`]*$/.exec(prose);
    if (file) steps.push({ kind: "new", path: file, text: block });
    else if (place?.[1])
      open = { kind: place[2] as "before" | "after" | "replace", path: place[1], first: block };
    else throw new Error(`a guide has a block that nothing says what to do with: ${block.slice(0, 200)}`);
  }
  if (open) throw new Error(`a guide says what to look for in ${open.path}, and not what to do there`);
  return steps;
}

function patch(text: string, folder: string): void {
  const { status, stderr } = spawnSync("git", ["apply", "-"], { cwd: folder, input: text, encoding: "utf8" });
  if (status !== 0) throw new Error(`a guide's patch does not fit any more:\n${stderr}`);
}

function edit(step: Exclude<Step, { kind: "run" | "patch" }>, folder: string): void {
  const file = join(folder, step.path);
  if (step.kind === "new") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, step.text);
    return;
  }
  const before = readFileSync(file, "utf8");
  const found = step.kind === "replace" ? step.old : step.anchor;
  const [head, tail, ...more] = before.split(found);
  if (head === undefined || tail === undefined || more.length > 0)
    throw new Error(`${step.path} should have this once:\n${found}`);
  const middle = { before: step.text + found, after: found + step.text, replace: step.text }[step.kind];
  writeFileSync(file, head + middle + tail);
}

/** Runs a command in a copy. */
export function run(command: string, folder: string): void {
  const { status, stdout, stderr } = spawnSync("bash", ["-ec", command], {
    cwd: folder,
    encoding: "utf8",
    env: {
      ...process.env,
      // Otherwise `node --test` takes itself for a part of this test, and runs nothing.
      NODE_TEST_CONTEXT: undefined,
      PATH: systemPath(),
    },
  });
  if (status !== 0) throw new Error(`${command} failed (${status}):\n${stdout}\n${stderr}`);
}

/** The PATH of a reader's shell: `npm` and `npx` put the pinned runtimes on it, a shell does not. */
function systemPath(): string {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.filter((folder) => !folder.includes("node_modules")).join(delimiter);
}
