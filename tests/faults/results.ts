import { createHash } from "node:crypto";
import { globSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";
import { hardware, versions } from "./circumstances.ts";
import { type Results, toMarkdown } from "./report.ts";
import type { Result } from "./run-scenario.ts";

const jsonFile = join(root, "tests/faults/RESULTS.json");
const markdownFile = join(root, "tests/faults/RESULTS.md");

/** Names what was tested: another server, or another suite, gives another name. */
function sources(): string {
  const hash = createHash("sha256");
  for (const file of globSync(["src/**/*.ts", "tests/faults/**/*.ts"], { cwd: root }).toSorted())
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 12);
}

function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(jsonFile, "utf8")) as Results;
  } catch {
    return undefined;
  }
}

/**
 * Adds one result to the files. A run of each runtime may do so at the same time; results of the same
 * scenario, runtime and seed are replaced, and those of other sources dropped.
 */
export function saveResults(result: Result): void {
  const before = readResults();
  const current = sources();
  const kept = before?.sources === current ? before.results : [];
  const isSame = (other: Result) =>
    other.scenario === result.scenario && other.runtime === result.runtime && other.seed === result.seed;
  const all: Results = {
    date: new Date().toISOString().slice(0, 10),
    sources: current,
    hardware: hardware(),
    versions: versions(),
    results: [...kept.filter((other) => !isSame(other)), result],
  };
  writeWhole(jsonFile, `${JSON.stringify(all, null, 1)}\n`);
  writeWhole(markdownFile, toMarkdown(all));
}

/** So that a reader never finds half a file. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}
