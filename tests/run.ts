import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { createUsage, readOptions } from "../deploy/local/cli.ts";
import { start } from "../deploy/local/process.ts";
import { type RuntimeName, root, runtimeCommand, runtimes } from "../deploy/local/replica.ts";
import { type Counts, countTests } from "./support/junit.ts";
import { groupTimeoutMs } from "./support/timeout.ts";

/* `npm test`: all tests, each under the runner of the runtime it speaks of. */

const help = `Runs all tests: unit tests under all three runtimes' own runners, behaviour suites against the
real server on each runtime, three replicas with real Redis and Caddy, and real browsers.

  npm test -- [options]

  --only TEXT    only the steps whose name has TEXT, such as bun, unit, cluster
  --verbose      print the runners' output as it comes
  --help         this text

What they need and the machine lacks is installed on Debian and Ubuntu, where that takes no password.`;

interface Step {
  name: string;
  runtime: RuntimeName;
  files: string;
}

const steps: Step[] = [
  ...runtimes.map((runtime) => ({ name: `unit on ${runtime}`, runtime, files: "tests/unit/**/*.test.ts" })),
  ...runtimes.map((runtime) => ({
    name: `server on ${runtime}`,
    runtime,
    files: `tests/runtimes/${runtime}.test.ts`,
  })),
  { name: "check", runtime: "node", files: "tests/check/*.test.ts" },
  { name: "cluster", runtime: "node", files: "tests/cluster/*.test.ts" },
  { name: "faults", runtime: "node", files: "tests/faults/ci.faults.ts" },
  { name: "redis topologies", runtime: "node", files: "tests/topologies/ci.*.ts" },
  { name: "monitoring", runtime: "node", files: "tests/monitoring/ci.*.ts" },
  { name: "client", runtime: "node", files: "tests/{client,examples}/ci.*.ts" },
  { name: "deploy", runtime: "node", files: "tests/deploy/ci.*.ts" },
  { name: "guides", runtime: "node", files: "tests/guides/ci.*.ts" },
  { name: "security", runtime: "node", files: "tests/security/ci.security.ts" },
  { name: "bench", runtime: "node", files: "tests/bench/ci.bench.ts" },
  { name: "demo", runtime: "node", files: "tests/browser/ci.demo.ts" },
  { name: "browser", runtime: "node", files: "tests/browser/*.test.ts" },
  { name: "control room", runtime: "node", files: "tests/browser/ci.control-room.ts" },
  // What a bare `bun test` runs.
  { name: "all on bun", runtime: "bun", files: "tests/**/*.test.ts" },
];

/** A step that takes longer than this hangs. */
const stepTimeoutMs = 10 * 60_000;

function runnerArgs(runtime: RuntimeName, files: string[], report: string): string[] {
  switch (runtime) {
    case "node":
      // One file at a time: the parts they start share two cores.
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
        // With several files Bun's own 5 s hold for each test, whatever its group says.
        `--timeout=${groupTimeoutMs}`,
        "--reporter=junit",
        `--reporter-outfile=${report}`,
        ...files.map((file) => `./${file}`),
      ];
    case "deno":
      // Types are `npm run check`'s business.
      return ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...files];
  }
}

async function runStep({ name, runtime, files }: Step, folder: string, verbose: boolean): Promise<Counts> {
  const report = join(folder, `${name}.xml`);
  const found = globSync(files, { cwd: root });
  // Without names a runner would run everything it finds.
  if (found.length === 0) throw new Error(`${name}: no test file matches ${files}`);
  const startedAt = performance.now();
  const runner = await start({
    command: runtimeCommand(runtime),
    args: runnerArgs(runtime, found, report),
    cwd: root,
    env: { FORCE_COLOR: "0", NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [runner.child.stdout, runner.child.stderr]) {
    stream?.on("data", (text: string) => {
      output += text;
      if (verbose) process.stdout.write(text);
    });
  }
  const stopRunner = () => void runner.stop(1000).then(() => process.exit(130));
  process.once("SIGINT", stopRunner).once("SIGTERM", stopRunner);
  const timer = setTimeout(() => void runner.stop(), stepTimeoutMs);
  const { code } = await runner.exited;
  clearTimeout(timer);
  process.off("SIGINT", stopRunner).off("SIGTERM", stopRunner);

  const counts = readCounts(report);
  // A runner that broke before it could count, or found nothing, has failed.
  if ((code !== 0 && counts.failed === 0) || counts.passed + counts.failed === 0) counts.failed += 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const mark = counts.failed > 0 ? styleText("red", "✖") : styleText("green", "✔");
  if (counts.failed > 0 && !verbose) console.log(output);
  console.log(
    `${mark} ${name.padEnd(16)} ${counts.passed} passed, ${counts.failed} failed  ${styleText("dim", `${seconds} s`)}`,
  );
  for (const [, figure] of output.matchAll(/(\w+ starts in \d+ ms)/g))
    console.log(styleText("dim", `    ${figure}`));
  return counts;
}

function readCounts(report: string): Counts {
  try {
    return countTests(readFileSync(report, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

const options = readOptions(help, {
  only: { type: "string", default: "" },
  verbose: { type: "boolean", default: false },
});
const chosen = steps.filter(({ name }) => name.includes(options.only));
if (chosen.length === 0)
  createUsage(help)(
    `--only ${options.only}: no such step; there are: ${steps.map(({ name }) => name).join(", ")}`,
  );
// Only now: asking for the help installs nothing.
await import("./support/requirements.ts");
const folder = mkdtempSync(join(tmpdir(), "trimaran-report-"));
const total = { passed: 0, failed: 0, skipped: 0 };
for (const step of chosen) {
  const counts = await runStep(step, folder, options.verbose);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
rmSync(folder, { recursive: true, force: true });
if (total.skipped > 0) console.log(`${total.skipped} tests were skipped, and none may be`);
console.log(`${total.passed} passed, ${total.failed + total.skipped} failed`);
process.exitCode = total.failed + total.skipped > 0 ? 1 : 0;
