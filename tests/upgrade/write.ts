import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUsage, readOptions } from "../../deploy/local/cli.ts";
import { root } from "../../deploy/local/replica.ts";
import { version } from "../../src/platform/util/version.ts";
import { fixturesFolder, hashFiles } from "./fixture.ts";
import { writeCluster } from "./write/cluster.ts";
import { writeSingle } from "./write/single.ts";

const help = `Writes what this version leaves behind into tests/upgrade/fixtures/<version>, for the tests of all
later versions: data files of a server alone and of three replicas, Redis' append-only file, the client package, and
what clients were acknowledged. To be run once for each release, on its sources. Needs redis-server 7.

  node tests/upgrade/write.ts [options]

  --commit REF   the commit whose sources these are; HEAD if left out. Ends if they are other ones
  --replace      overwrite the fixture of this version, which no release has yet
  --help         this text`;

/** What makes the fixture: these must be as in the commit. */
const sources = ["src", "deploy/client", "package.json", "package-lock.json"];

const usage = createUsage(help);
const options = readOptions(help, {
  commit: { type: "string", default: "HEAD" },
  replace: { type: "boolean", default: false },
});
const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
const commit = git("rev-parse", "--verify", `${options.commit}^{commit}`).stdout.trim();
if (!commit) usage(`--commit ${options.commit}: there is no such commit`);
if (git("diff", "--quiet", commit, "--", ...sources).status !== 0)
  usage(`--commit ${options.commit}: ${sources.join(", ")} are not as in this commit`);
const folder = join(fixturesFolder, version);
if (existsSync(folder) && !options.replace)
  usage(`${folder} is there already: raise the version in package.json, or --replace it`);

const made = mkdtempSync(join(tmpdir(), "trimaran-fixture-"));
try {
  mkdirSync(join(made, "single"));
  const expected = {
    single: await writeSingle(join(made, "single")),
    cluster: await writeCluster(join(made, "cluster")),
  };
  writeFileSync(join(made, "expected.json"), `${JSON.stringify(expected, null, 1)}\n`);
  const writtenAt = Date.now();
  writeClient(join(made, "client"));
  const about = { version, commit, writtenAt, sideBySide: true, files: hashFiles(made) };
  writeFileSync(join(made, "about.json"), `${JSON.stringify(about, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  cpSync(made, folder, { recursive: true });
  console.log(`${folder}: ${Object.keys(about.files).length} files, of commit ${commit}`);
} finally {
  rmSync(made, { recursive: true, force: true });
}
// Clients of replicas that are gone.
process.exit(0);

/** The client package without its types and source map, which no test reads. */
function writeClient(to: string): void {
  const built = spawnSync(process.execPath, ["deploy/client/build.ts"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the client was not built: ${built.stderr}`);
  mkdirSync(to);
  const from = join(root, "dist/client");
  for (const file of readdirSync(from).filter((name) => name.endsWith(".js"))) {
    const code = readFileSync(join(from, file), "utf8");
    writeFileSync(join(to, file), code.replace(/^\/\/# sourceMappingURL=.*\n/m, ""));
  }
  cpSync(join(from, "package.json"), join(to, "package.json"));
}
