import { type Usage, createUsage, readOptions } from "../../deploy/local/cli.ts";
import { type RuntimeName, runtimes } from "../../deploy/local/replica.ts";
import { caddy, need, redisServer } from "../../deploy/local/requirements.ts";
import { saveResults, writeTable } from "./results.ts";
import type { Result } from "./result.ts";
import { runScenario } from "./run-scenario.ts";
import { sabotages } from "./sabotage.ts";
import { scenarios } from "./scenarios/index.ts";

/* `npm run test:faults`: real replicas, Redis and Caddy, broken on purpose, and nothing may be lost. */

const help = `Breaks Redis, replicas, Caddy and the network under load, and checks that nothing is lost.

  npm run test:faults -- [options]

  --scenario NAMES   only these, separated by commas; may be repeated
  --runtime NAME     replicas on node, bun, deno, or mixed (one each); default: node, bun and deno in turn
  --seed NUMBER      of all chance; default: a new one, printed
  --rounds NUMBER    run everything so often, each time with the next seed; default: 1
  --ci               the short subset, as \`npm run test:all\` runs it
  --results          add the results to tests/faults/results/ and RESULTS.md; those of other sources go
  --table            write RESULTS.md anew from tests/faults/results/, and run nothing
  --sabotage NAME    a server with a bug, on Node; must fail: ${sabotages.map(({ name }) => name).join(", ")}
  --list             the scenarios
  --help             this text`;

const usage: Usage = createUsage(help);
const options = readOptions(help, {
  scenario: { type: "string", multiple: true, default: [] },
  runtime: { type: "string" },
  seed: { type: "string" },
  rounds: { type: "string", default: "1" },
  ci: { type: "boolean", default: false },
  results: { type: "boolean", default: false },
  table: { type: "boolean", default: false },
  sabotage: { type: "string" },
  list: { type: "boolean", default: false },
});
if (options.list) {
  for (const { name, title, ci } of scenarios) console.log(`${name.padEnd(26)} ${title}${ci ? " (ci)" : ""}`);
  process.exit(0);
}

if (options.table) {
  writeTable();
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
const sabotage = sabotages.find(({ name }) => name === options.sabotage);
if (options.sabotage !== undefined && !sabotage)
  usage(`--sabotage ${options.sabotage}: ${sabotages.map(({ name }) => name).join(", ")}`);
const seed = options.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(options.seed);
if (!Number.isSafeInteger(seed)) usage(`--seed ${options.seed}: a whole number`);
if (options.results && (options.ci || options.sabotage)) usage("--results: only of full, honest runs");
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) usage(`--rounds ${options.rounds}: a number from 1`);
need([redisServer, caddy]);

const results: Result[] = [];
console.log(`seed ${seed}, rounds ${rounds}, ${chosen.length} scenarios on ${wanted.join(", ")}`);
// Leaves by the front door, where everything that was started is ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

for (let round = 0; round < rounds; round += 1) {
  for (const runtime of wanted) {
    for (const scenario of chosen) {
      const result = await runScenario({
        scenario,
        seed: seed + round,
        runtime,
        runtimes: layouts[runtime] ?? runtimes,
        ci: options.ci,
        sabotage,
      });
      results.push(result);
      // At once: a long run that is interrupted leaves what it had found.
      if (options.results) saveResults(result);
    }
  }
}

const failed = results.filter(({ violations }) => violations.length > 0).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
// Sockets that still try to close must not keep the process.
process.exit(failed > 0 || results.length === 0 ? 1 : 0);
