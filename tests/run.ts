import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { createUsage, readOptions } from "../deploy/local/cli.ts";
import { need } from "../deploy/local/requirements.ts";
import { type Step, steps } from "./steps.ts";
import { createProgress } from "./support/progress.ts";
import { type StepResult, runStep } from "./support/run-step.ts";
import { runSideBySide } from "./support/side-by-side.ts";

/* `npm test` and `npm run test:all`: steps side by side, each under the runner of the runtime it speaks of. */

const help = `Runs the tests.

  npm test -- [options]            what a contributor needs to trust a change: types and lint, unit tests and
                                   behaviour suites on Node, Bun and Deno, three replicas with real Redis and
                                   Caddy, the core faults, and the demo in a real browser
  npm run test:all -- [options]    everything: also the other faults, security, topologies, the bench and the rest

  --only TEXT    only the step of that name, or those whose names have TEXT, such as unit; may be repeated
  --rest         with test:all: only what npm test does not run
  --jobs NUMBER  so many steps at the same time, which mostly wait; default: twice the cores
  --verbose      print the runners' output as it comes
  --list         the steps, and what each needs
  --help         this text

What the chosen steps need and the machine lacks is installed on Debian and Ubuntu, where that takes no password.`;

const usage = createUsage(help);
const options = readOptions(help, {
  only: { type: "string", multiple: true, default: [] },
  all: { type: "boolean", default: false },
  rest: { type: "boolean", default: false },
  jobs: { type: "string", default: String(2 * availableParallelism()) },
  verbose: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
});
const jobs = Number(options.jobs);
if (!Number.isSafeInteger(jobs) || jobs < 1) usage(`--jobs ${options.jobs}: a whole number from 1`);

// A whole name means that step alone: `cluster`, and not also `upgrade in a cluster`.
const isWhole = (text: string) => steps.some(({ name }) => name === text);
const isNamed = ({ name }: Step) =>
  options.only.some((text) => (isWhole(text) ? name === text : name.includes(text)));
const isInSet = ({ isCore }: Step) => (options.rest ? !isCore : options.all || isCore);
// A step that is asked for by name runs, in whichever set it is.
const chosen = steps.filter((step) => (options.only.length > 0 ? isNamed(step) : isInSet(step)));
if (options.list) {
  for (const { name, isCore, needs } of steps) {
    const programs = needs.map(({ program }) => program).join(", ");
    console.log(`${name.padEnd(22)} ${isCore ? "npm test" : "test:all"}  ${programs}`.trimEnd());
  }
  process.exit(0);
}
const unknown = options.only.find((text) => text === "" || !steps.some(({ name }) => name.includes(text)));
if (unknown !== undefined)
  usage(`--only "${unknown}": no such step; there are: ${steps.map(({ name }) => name).join(", ")}`);

need([...new Set(chosen.flatMap(({ needs }) => needs))]);
const folder = mkdtempSync(join(tmpdir(), "trimaran-tests-"));
const progress = createProgress(chosen.length);
const results: StepResult[] = [];
await runSideBySide(chosen, jobs, async (step) => {
  progress.begin(step.name);
  const result = await runStep(
    step,
    folder,
    options.verbose ? (text) => process.stdout.write(text) : undefined,
  );
  results.push(result);
  progress.end(result);
});
progress.stop();

const failed = results.filter((result) => result.failed + result.skipped > 0);
for (const { name, problem, skipped } of failed) {
  console.log(
    `\n${styleText(["red", "bold"], name)}${skipped > 0 ? `: ${skipped} tests were skipped, and none may be` : ""}`,
  );
  console.log(problem);
  console.log(styleText("dim", `All of its output: ${join(folder, `${name}.log`)}`));
}
const slowest = results
  .flatMap(({ name, tests }) => tests.map((test) => ({ ...test, step: name })))
  .toSorted((a, b) => b.seconds - a.seconds)
  .slice(0, 10);
console.log("\nThe slowest ten:");
for (const { name, seconds, step } of slowest)
  console.log(`${seconds.toFixed(1).padStart(7)} s  ${styleText("dim", step)}  ${name}`);
const count = (of: "passed" | "failed" | "skipped") => results.reduce((sum, result) => sum + result[of], 0);
if (failed.length === 0) rmSync(folder, { recursive: true, force: true });
console.log(`\n${progress.summary()}`);
console.log(`${count("passed")} passed, ${count("failed") + count("skipped")} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
