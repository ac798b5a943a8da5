import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { start } from "../../deploy/local/process.ts";
import { type RuntimeName, root, runtimeCommand } from "../../deploy/local/replica.ts";
import type { Step } from "../steps.ts";
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

/** Runs one step; its whole output is in `<folder>/<name>.log`. Whatever goes wrong is in the result. */
export async function runStep(
  step: Step,
  folder: string,
  onOutput?: (text: string) => void,
): Promise<StepResult> {
  const { name, work } = step;
  const startedAt = performance.now();
  const reportFile = join(folder, `${name}.xml`);
  const uncaughtFile = join(folder, `${name}.uncaught`);
  const isFiles = "runtime" in work;
  const [command = "", ...args] = isFiles
    ? [runtimeCommand(work.runtime), ...runnerArgs(work.runtime, filesOf(step), reportFile)]
    : work.command;
  const runner = await start({
    command,
    args,
    cwd: root,
    env: { FORCE_COLOR: "0", NO_COLOR: "1", UNCAUGHT_ERRORS_FILE: uncaughtFile },
  });
  let output = "";
  for (const stream of [runner.child.stdout, runner.child.stderr])
    stream?.on("data", (text: string) => {
      output += text;
      onOutput?.(text);
    });
  const stopRunner = () => void runner.stop(1000).then(() => process.exit(130));
  process.once("SIGINT", stopRunner).once("SIGTERM", stopRunner);
  const timer = setTimeout(() => void runner.stop(), stepTimeoutMs);
  const { code } = await runner.exited;
  clearTimeout(timer);
  process.off("SIGINT", stopRunner).off("SIGTERM", stopRunner);
  writeFileSync(join(folder, `${name}.log`), output);

  const seconds = (performance.now() - startedAt) / 1000;
  const report = isFiles ? readReport(read(reportFile)) : commandReport(name, seconds, code);
  const problems = report.failed > 0 ? [failureText(output, report.tests)] : [];
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

function runnerArgs(runtime: RuntimeName, files: readonly string[], report: string): string[] {
  switch (runtime) {
    case "node":
      // One file at a time: steps run side by side already.
      return [
        "--test",
        "--test-concurrency=1",
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
  if (summary !== undefined) return summary;
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
