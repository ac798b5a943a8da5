import { styleText } from "node:util";
import { type Usage, createUsage, readOptions } from "../../deploy/local/cli.ts";
import { caddy, need, redisServer } from "../../deploy/local/requirements.ts";
import { hardware, versions } from "../faults/circumstances.ts";
import { type AgainstOptions, ratioTable, runAgainst } from "./against.ts";
import { CheckoutError, checkOut } from "./checkout.ts";
import { installPeers, ownPeers } from "./install.ts";
import { type Report, writeReport } from "./report.ts";
import { shown } from "./results.ts";
import { type RunScenarioOptions, runScenario } from "./run-scenario.ts";
import type { Contender } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/* `npm run bench`: this tree against stock, against the floor, or against another commit, in one run on one machine. */

const help = `Measures Trimaran against stock Socket.IO, Hocuspocus, and the floor of each runtime; or against
another commit of itself.

  npm run bench -- [options]

  --only NAMES       only these scenarios, separated by commas
  --contenders TEXT  only contenders whose name has TEXT; may be repeated
  --against COMMIT   this tree and COMMIT (any revision that git knows) in turn, and the ratio of every figure of
                     Trimaran, now / then: what is marked better or worse lies beyond the spread that each of the two
                     had against itself in the same run. COMMIT's server, this tree's load; 3 rounds by default
  --quick            fewer clients, and one round without --against: a look in passing, ratios only
  --rounds NUMBER    rounds of each scenario; default: its own, mostly 3
  --seed NUMBER      of all chance; default: 1
  --save             write RESULTS.md, results.json and charts; the default of a whole run
  --list             the scenarios
  --help             this text`;

/** Two are the least for a verdict; see ratios.ts. */
const roundsAgainst = 3;

const usage: Usage = createUsage(help);
const options = readOptions(help, {
  only: { type: "string", multiple: true, default: [] },
  contenders: { type: "string", multiple: true, default: [] },
  against: { type: "string" },
  quick: { type: "boolean", default: false },
  rounds: { type: "string" },
  seed: { type: "string", default: "1" },
  save: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
});
if (options.list) {
  for (const { name, title } of scenarios) console.log(`${name.padEnd(14)} ${title}`);
  process.exit(0);
}
const names = options.only.flatMap((list) => list.split(","));
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) usage(`--only: there is no ${unknown.join(", ")}; --list shows all`);
const seed = Number(options.seed);
if (!Number.isSafeInteger(seed)) usage(`--seed ${options.seed}: a whole number`);
const rounds = options.rounds === undefined ? undefined : Number(options.rounds);
if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0))
  usage(`--rounds ${options.rounds}: a whole number from 1`);
if (options.save && options.against !== undefined)
  usage("--save: results against another commit are not kept");

const chosen = scenarios.filter(({ name }) => names.length === 0 || names.includes(name));
const { quick } = options;
const isChosen = ({ name }: Contender) =>
  options.contenders.length === 0 || options.contenders.some((text) => name.includes(text));
const optionsOf = (defaultRounds: number): RunScenarioOptions => ({
  quick,
  seed,
  rounds: rounds ?? defaultRounds,
  isChosen,
  onProgress: (text) => console.log(styleText("dim", `  ${text}`)),
});

// The listeners of "exit" stop what was started and remove temporary folders; a signal alone would skip them.
for (const [signal, number] of [
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const)
  process.on(signal, () => process.exit(128 + number));
const startedAt = performance.now();
const minutes = () => (performance.now() - startedAt) / 60_000;

async function compareWith(revision: string): Promise<void> {
  const { source, commit, remove } = checkOut(revision, (text) => console.log(text));
  console.log(
    `this tree / ${revision} (${commit}): ratios of medians, with the smallest and the largest of a round`,
  );
  try {
    for (const scenario of chosen) {
      console.log(styleText("bold", scenario.title));
      const against: AgainstOptions = { ...optionsOf(roundsAgainst), source, revision };
      const result = await runAgainst(scenario, against);
      for (const line of ratioTable(result)) console.log(line);
      for (const problem of result.problems) console.log(styleText("red", `  ${problem}`));
      if (result.problems.length > 0) process.exitCode = 1;
    }
  } finally {
    remove();
  }
  console.log(`${minutes().toFixed(1)} minutes`);
}

async function measure(): Promise<void> {
  const contenders = chosen.flatMap((scenario) => scenario.contenders.filter(isChosen));
  installPeers(...contenders.flatMap(({ peers }) => peers ?? []));
  const report: Report = {
    date: new Date().toISOString().slice(0, 10),
    hardware: hardware(),
    versions: versions(),
    seed,
    quick,
    minutes: 0,
    scenarios: [],
  };
  for (const scenario of chosen) {
    console.log(styleText("bold", scenario.title));
    const result = await runScenario(scenario, optionsOf(quick ? 1 : (scenario.rounds ?? 3)));
    for (const { met, title, bound, measured } of result.goals)
      console.log(
        `  ${met ? styleText("green", "✔") : styleText("red", "✖")} ${title}: ${shown(measured.median)}, ${bound}`,
      );
    for (const problem of result.problems) console.log(styleText("red", `  ${problem}`));
    for (const note of result.notes) console.log(styleText("yellow", `  ${note}`));
    report.scenarios.push(result);
  }
  report.minutes = minutes();
  const isWhole = chosen.length === scenarios.length && options.contenders.length === 0 && !quick;
  if (isWhole || options.save) {
    // The charts are drawn by one of the packages.
    installPeers(ownPeers);
    await writeReport(report);
  }
  const goals = report.scenarios.flatMap(({ goals }) => goals);
  console.log(
    `${goals.filter(({ met }) => met).length} of ${goals.length} goals met, ${report.minutes.toFixed(1)} minutes`,
  );
}

need([redisServer, caddy]);
try {
  await (options.against === undefined ? measure() : compareWith(options.against));
} catch (error) {
  if (!(error instanceof CheckoutError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
