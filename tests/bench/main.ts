import { styleText } from "node:util";
import { type Usage, createUsage, readOptions } from "../../deploy/local/cli.ts";
import { caddy, need, redisServer } from "../../deploy/local/requirements.ts";
import { hardware, versions } from "../faults/circumstances.ts";
import { installPeers } from "./install.ts";
import { type Report, writeBaseline, writeReport } from "./report.ts";
import { shown } from "./results.ts";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios/index.ts";

/* `npm run bench`: ours against stock and against the floor, in one run on one machine. */

const help = `Measures Trimaran against stock Socket.IO, Hocuspocus, and the floor of each runtime.

  npm run bench -- [options]

  --only NAMES     only these scenarios, separated by commas
  --against TEXT   only contenders whose name has TEXT; may be repeated
  --quick          fewer clients and one round: a look in passing, ratios only
  --rounds NUMBER  rounds of each scenario; default: its own, mostly 3
  --seed NUMBER    of all chance; default: 1
  --save           write RESULTS.md, results.json and charts; the default of a whole run
  --baseline       measure, quickly, what continuous integration compares with, and keep it
  --list           the scenarios
  --help           this text`;

const usage: Usage = createUsage(help);
const options = readOptions(help, {
  only: { type: "string", multiple: true, default: [] },
  against: { type: "string", multiple: true, default: [] },
  quick: { type: "boolean", default: false },
  rounds: { type: "string" },
  seed: { type: "string", default: "1" },
  save: { type: "boolean", default: false },
  baseline: { type: "boolean", default: false },
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
need([redisServer, caddy]);

const chosen = scenarios.filter(({ name, ci }) =>
  options.baseline ? ci : names.length === 0 || names.includes(name),
);
const isQuick = options.quick || options.baseline;
const isWhole = chosen.length === scenarios.length && options.against.length === 0 && !isQuick;

installPeers();
const startedAt = performance.now();
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  hardware: hardware(),
  versions: versions(),
  seed,
  quick: isQuick,
  minutes: 0,
  scenarios: [],
};
for (const scenario of chosen) {
  console.log(styleText("bold", scenario.title));
  const result = await runScenario(scenario, {
    quick: isQuick,
    seed,
    rounds: rounds ?? (isQuick ? 1 : (scenario.rounds ?? 3)),
    against: options.against,
    onProgress: (text) => console.log(styleText("dim", `  ${text}`)),
  });
  for (const { met, title, bound, measured } of result.goals)
    console.log(
      `  ${met ? styleText("green", "✔") : styleText("red", "✖")} ${title}: ${shown(measured.median)}, ${bound}`,
    );
  for (const note of result.notes) console.log(styleText("yellow", `  ${note}`));
  report.scenarios.push(result);
}
report.minutes = (performance.now() - startedAt) / 60_000;
if (isWhole || options.save) await writeReport(report);
if (options.baseline) writeBaseline(report);
const goals = report.scenarios.flatMap(({ goals }) => goals);
console.log(
  `${goals.filter(({ met }) => met).length} of ${goals.length} goals met, ${report.minutes.toFixed(1)} minutes`,
);
