import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type RuntimeName, root, runtimes } from "../../deploy/local/replica.ts";
import { caddy, howToInstall, missing, redisServer } from "../../deploy/local/requirements.ts";
import { hardware, versions } from "./circumstances.ts";
import { printResult, toMarkdown } from "./report.ts";
import { type Result, runScenario } from "./run-scenario.ts";
import { type Sabotage, sabotages } from "./sabotage.ts";
import { scenarios } from "./scenarios/index.ts";

/* `npm run test:faults`: real replicas, Redis and Caddy, broken on purpose, and nothing may be lost. */

const help = `Breaks Redis, replicas, Caddy and the network under load, and checks that nothing is lost.

  npm run test:faults -- [options]

  --scenario NAMES   only these, separated by commas; may be repeated
  --runtime NAME     replicas on node, bun, deno, or mixed (one each); default: node, bun and deno in turn
  --seed NUMBER      of all chance; default: a new one, printed
  --ci               the short subset, as continuous integration runs it
  --results          write tests/faults/RESULTS.md and RESULTS.json
  --sabotage KIND    a server with a bug, on Node: drop or double one message, or lose-edit; must fail
  --list             the scenarios
  --help             this text`;

function usage(problem: string): never {
  console.error(`${problem}\n\n${help}`);
  process.exit(1);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        scenario: { type: "string", multiple: true, default: [] },
        runtime: { type: "string" },
        seed: { type: "string" },
        ci: { type: "boolean", default: false },
        results: { type: "boolean", default: false },
        sabotage: { type: "string" },
        list: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

const options = readOptions();
if (options.help) {
  console.log(help);
  process.exit(0);
}
if (options.list) {
  for (const { name, title, ci } of scenarios) console.log(`${name.padEnd(26)} ${title}${ci ? " (ci)" : ""}`);
  process.exit(0);
}

const names = options.scenario.flatMap((list) => list.split(","));
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) usage(`--scenario: there is no ${unknown.join(", ")}; --list shows all`);
const chosen = scenarios.filter(({ name, ci }) =>
  names.length > 0 ? names.includes(name) : ci || !options.ci,
);

const layouts: Record<string, readonly RuntimeName[]> = {
  ...Object.fromEntries(runtimes.map((runtime) => [runtime, [runtime, runtime, runtime]])),
  mixed: runtimes,
};
const everywhere = options.ci ? ["mixed"] : [...runtimes];
// The bugs are put in by Node's own means.
const wanted = options.sabotage ? ["node"] : (options.runtime?.split(",") ?? everywhere);
if (wanted.some((name) => !layouts[name])) usage(`--runtime ${options.runtime}: node, bun, deno or mixed`);
if (options.sabotage !== undefined && !sabotages.includes(options.sabotage as Sabotage))
  usage(`--sabotage ${options.sabotage}: ${sabotages.join(", ")}`);
const seed = options.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(options.seed);
if (!Number.isSafeInteger(seed)) usage(`--seed ${options.seed}: a whole number`);
const lacking = missing([redisServer, caddy]);
if (lacking.length > 0) usage(howToInstall(lacking));

const startedAt = performance.now();
const results: Result[] = [];
console.log(`seed ${seed}, ${chosen.length} scenarios on ${wanted.join(", ")}`);
// Leaves by the front door, where everything that was started is ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

for (const runtime of wanted) {
  for (const scenario of chosen) {
    const result = await runScenario({
      scenario,
      seed,
      runtime,
      runtimes: layouts[runtime] ?? runtimes,
      ci: options.ci,
      sabotage: options.sabotage as Sabotage | undefined,
    });
    results.push(result);
    printResult(result);
  }
}

if (options.results) {
  const circumstances = {
    date: new Date().toISOString().slice(0, 10),
    seed,
    hardware: hardware(),
    versions: versions(),
    seconds: (performance.now() - startedAt) / 1000,
  };
  const folder = join(root, "tests/faults");
  writeFileSync(join(folder, "RESULTS.md"), toMarkdown(results, circumstances));
  writeFileSync(join(folder, "RESULTS.json"), `${JSON.stringify({ ...circumstances, results }, null, 2)}\n`);
}
const failed = results.filter(({ violations }) => violations.length > 0).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
// Sockets that still try to close must not keep the process.
process.exit(failed > 0 || results.length === 0 ? 1 : 0);
