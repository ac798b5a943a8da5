import { createHash } from "node:crypto";
import { cpSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { root } from "../../deploy/local/replica.ts";
import { type About, type Expected, aboutSchema, expectedSchema } from "./expected.ts";

export const fixturesFolder = join(root, "tests/upgrade/fixtures");

/** What a version left behind: its data, and what must be in it. */
export interface Fixture {
  about: About;
  expected: Expected;
  /** The client package of that version. */
  clientFolder: string;
  /** Copies `single` or `cluster` into a folder, where a server may change it. */
  copy: (part: "single" | "cluster", to: string) => void;
}

/** Every file of a folder by its path in it, except `about.json`. */
export function hashFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path !== "about.json" && statSync(join(folder, path)).isFile());
  const hash = (path: string) =>
    createHash("sha256")
      .update(readFileSync(join(folder, path)))
      .digest("hex");
  return Object.fromEntries(files.toSorted().map((path) => [path, hash(path)]));
}

/** @throws {Error} naming the folder and what is wrong with it, if it is not as `write.ts` left it. */
export function readFixture(folder: string): Fixture {
  const fail = (problem: string, cause?: unknown): never => {
    throw new Error(
      `${folder} is no fixture of tests/upgrade/write.ts, or was changed: ${problem}. Restore it from git.`,
      { cause },
    );
  };
  function read<S extends v.GenericSchema>(name: string, schema: S): v.InferOutput<S> {
    try {
      const parsed = v.safeParse(schema, JSON.parse(readFileSync(join(folder, name), "utf8")));
      if (parsed.success) return parsed.output;
      const [issue] = parsed.issues;
      return fail(`${name}: ${v.getDotPath(issue) ?? "it"}: ${issue.message}`);
    } catch (error) {
      if (error instanceof SyntaxError) return fail(`${name} is not JSON`, error);
      if ((error as NodeJS.ErrnoException).code) return fail(`${name} can't be read`, error);
      throw error;
    }
  }

  const about = read("about.json", aboutSchema);
  const found = hashFiles(folder);
  for (const [path, hash] of Object.entries(about.files)) {
    if (found[path] === undefined) fail(`${path} is missing`);
    if (found[path] !== hash) fail(`${path} has other bytes than were written`);
  }
  for (const path of Object.keys(found))
    if (about.files[path] === undefined) fail(`${path} was not written by it`);
  return {
    about,
    expected: read("expected.json", expectedSchema),
    clientFolder: join(folder, "client"),
    copy: (part, to) => cpSync(join(folder, part), to, { recursive: true }),
  };
}

/** The fixtures of all versions. */
export function readFixtures(): Fixture[] {
  const versions = readdirSync(fixturesFolder);
  if (versions.length === 0) throw new Error(`${fixturesFolder} has no fixture: run tests/upgrade/write.ts`);
  return versions.toSorted().map((version) => readFixture(join(fixturesFolder, version)));
}
