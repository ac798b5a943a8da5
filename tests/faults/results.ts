import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";
import { hardware, versions } from "./circumstances.ts";
import { toMarkdown } from "./report.ts";
import type { Result, Results } from "./result.ts";

/** A file for each runtime, so that their runs may write at the same time. */
const folder = join(root, "tests/faults/results");
const markdownFile = join(root, "tests/faults/RESULTS.md");

const tested = ["src/**/*.ts", "tests/{faults,support/talk,features/*/faults}/**/*.ts"];

/** Names what was tested: another server, or another suite, gives another name. */
function sources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(tested, { cwd: root }).toSorted())
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 12);
}

let circumstances: Pick<Results, "hardware" | "versions"> | undefined;

/** The results of all runtimes; of these sources, if some are named. */
function readResults(current?: string): Results[] {
  return globSync("*.json", { cwd: folder })
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Results)
    .filter((results) => current === undefined || results.sources === current);
}

/**
 * Adds one result to the files. Results of the same scenario, runtime and seed are replaced, and those
 * of other sources dropped.
 */
export function saveResults(result: Result): void {
  mkdirSync(folder, { recursive: true });
  const current = sources();
  const isOther = ({ scenario, seed }: Result) => scenario !== result.scenario || seed !== result.seed;
  const before = readResults(current).flatMap(({ results }) => results);
  circumstances ??= { hardware: hardware(), versions: versions() };
  const all: Results = {
    date: new Date().toISOString().slice(0, 10),
    sources: current,
    ...circumstances,
    results: [...before.filter(({ runtime }) => runtime === result.runtime).filter(isOther), result],
  };
  writeWhole(join(folder, `${result.runtime}.json`), `${JSON.stringify(all, null, 1)}\n`);
  writeTable(current);
}

/** Writes the table anew from the files. */
export function writeTable(current?: string): void {
  const all = readResults(current);
  const [first] = all;
  if (first)
    writeWhole(markdownFile, toMarkdown({ ...first, results: all.flatMap(({ results }) => results) }));
}

/** So that a reader never finds half a file. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
