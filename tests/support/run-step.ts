import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Process, start } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import type { Step, TestFiles } from "../steps.ts";
import { type Report, type TestResult, readReport } from "./junit.ts";
import { groupTimeoutMs } from "./timeout.ts";

export interface StepResult extends Report {
  name: string;
  seconds: number;
  /** What a reader needs to see of a step that failed. */
  problem: string;
}

/** A step that takes longer than this hangs. */
const stepTimeoutMs = 30 * 60_000;

const running = new Set<Process>();
let isStopping = false;

/** Stops the runners of all steps, which stop what they started, and ends this process. */
async function stopAll(): Promise<void> {
  isStopping = true;
  await Promise.all([...running].map((runner) => runner.stop()));
  process.exit(130);
}

/** Runs one step; its whole output is in `<folder>/<name>.log`. An error is in the result: the other steps go on. */
export async function runStep(
  step: Step,
  folder: string,
  onOutput?: (text: string) => void,
): Promise<StepResult> {
  try {
    return await run(step, folder, onOutput);
  } catch (error) {
    const problem = `the step could not run: ${(error as Error).message}`;
    return { name: step.name, seconds: 0, passed: 0, failed: 1, skipped: 0, tests: [], problem };
  }
}

async function run(step: Step, folder: string, onOutput?: (text: string) => void): Promise<StepResult> {
  const { name, work } = step;
  const startedAt = performance.now();
  const reportFile = join(folder, `${name}.xml`);
  const uncaughtFile = join(folder, `${name}.uncaught`);
  const isFiles = "runtime" in work;
  const files = filesOf(step);
  const [command = "", ...args] = isFiles
    ? [runtimeCommand(work.runtime), ...runnerArgs(work, files, reportFile)]
    : work.command;
  const runner = await start({
    command,
    args,
    cwd: root,
    env: {
      FORCE_COLOR: undefined,
      NO_COLOR: "1",
      UNCAUGHT_ERRORS_FILE: uncaughtFile,
      NODE_TEST_CONTEXT: undefined,
    },
  });
  let output = "";
  for (const stream of [runner.child.stdout, runner.child.stderr])
    stream?.on("data", (text: string) => {
      output += text;
      onOutput?.(text);
    });
  if (running.size === 0) process.once("SIGINT", stopAll).once("SIGTERM", stopAll);
  running.add(runner);
  const timer = setTimeout(() => void runner.stop(), stepTimeoutMs);
  const { code } = await runner.exited;
  clearTimeout(timer);
  // No other step starts: `stopAll` ends the process.
  if (isStopping) await new Promise(() => undefined);
  running.delete(runner);
  if (running.size === 0) process.off("SIGINT", stopAll).off("SIGTERM", stopAll);
  writeFileSync(join(folder, `${name}.log`), output);

  const seconds = (performance.now() - startedAt) / 1000;
  const report = isFiles ? readReport(read(reportFile)) : commandReport(name, seconds, code);
  const problems = report.failed > 0 ? [failureText(output, report.tests)] : [];
  // Node counts a file without tests as one test that passed, named as the file.
  const empty = report.tests.filter((test) => test.failure === undefined && isFile(test, files));
  if (empty.length > 0) {
    report.passed -= empty.length;
    report.failed += empty.length;
    problems.push(`files without tests: ${empty.map((test) => test.name).join(", ")}`);
  }
  // A runner that broke before it could count, or found nothing, has failed.
  if (report.failed === 0 && (code !== 0 || report.passed === 0)) {
    report.failed += 1;
    problems.push(`the runner ended with ${code}:\n${tail(output)}`);
  }
  const uncaught = read(uncaughtFile);
  if (uncaught !== "") {
    report.failed += 1;
    problems.push(`errors that nothing caught, in processes that the tests started:\n${uncaught}`);
  }
  return { ...report, name, seconds, problem: problems.join("\n\n") };
}

function filesOf({ name, work }: Step): string[] {
  if (!("runtime" in work) || work.files.length === 0) return [];
  const found = globSync(work.files, { cwd: root }).toSorted();
  // Without names a runner would run everything it finds.
  if (found.length === 0) throw new Error(`${name}: no test file matches ${work.files.join(", ")}`);
  return found;
}

const isFile = ({ name }: TestResult, files: readonly string[]) =>
  files.some((file) => resolve(root, file) === resolve(root, name));

function runnerArgs(
  { runtime, isOneProcess }: TestFiles,
  files: readonly string[],
  report: string,
): string[] {
  switch (runtime) {
    case "node":
      return [
        "--import=./tests/support/no-exit.ts",
        "--test",
        // One file at a time: steps run side by side already.
        isOneProcess ? "--test-isolation=none" : "--test-concurrency=1",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=junit",
        `--test-reporter-destination=${report}`,
        ...files,
      ];
    case "bun":
      return [
        "test",
        // A bare `bun test` gets its timeouts from bunfig.toml's preload, as a person's does.
        ...(files.length > 0 ? [`--timeout=${groupTimeoutMs}`] : []),
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...files.map((file) => `./${file}`),
      ];
    case "deno":
      // The step `check` checks types.
      return ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...files];
  }
}

function commandReport(name: string, seconds: number, code: number | null): Report {
  const failure = code === 0 ? undefined : `exit code ${code}`;
  const tests = [{ name, seconds, isSkipped: false, failure }];
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, tests };
}

/** What the runner says of its failures at its end, which includes hooks, or else what its report has. */
function failureText(output: string, tests: readonly TestResult[]): string {
  const summary = /^(?:✖ failing tests:|.*\bERRORS\b)[\s\S]*/m.exec(output)?.[0];
  if (summary !== undefined) {
    // Node's summary has no error of a file that broke outside its tests: the file printed it just before its line.
    const broken = /^✖ \S+\.ts \(/m.exec(output)?.index;
    return broken === undefined || !summary.includes("'test failed'")
      ? summary
      : `${tail(output.slice(0, broken))}\n\n${summary}`;
  }
  const failures = tests.filter(({ failure }) => failure !== undefined && !failure.startsWith("exit code"));
  if (failures.length === 0) return tail(output);
  return failures.map(({ name, failure }) => `${name}\n${failure}`).join("\n\n");
}

const tail = (output: string) => output.trim().split("\n").slice(-60).join("\n");

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
