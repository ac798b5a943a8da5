import { type Usage, createUsage, readOptions } from "../../deploy/local/cli.ts";
import { type RuntimeName, runtimes } from "../../deploy/local/replica.ts";
import { caddy, need } from "../../deploy/local/requirements.ts";
import type { Via } from "./attack.ts";
import { attacks } from "./attacks/index.ts";
import { count } from "./fuzz.ts";
import { attackRuntime } from "./suite.ts";

/* `npm run test:security`: hostile input of every kind, against real servers that others use meanwhile. */

const help = `Attacks a real server on each runtime, directly and through Caddy, while two people use it.

  npm run test:security -- [options]

  --only NAME        only this attack: ${attacks.map(({ name }) => name).join(", ")}
  --runtime NAME     node, bun, deno or all; default: all
  --via WAY          direct, caddy or both; default: both
  --cases NUMBER     cases a runtime; default: 10000
  --minutes NUMBER   goes on for so long, with the next seed each time; default: once
  --seed NUMBER      of all chance; default: a new one, printed
  --path PATH        with --only and --seed: from this case on, as a failure printed it
  --help             this text`;

const usage: Usage = createUsage(help);
const options = readOptions(help, {
  only: { type: "string" },
  runtime: { type: "string", default: "all" },
  via: { type: "string", default: "both" },
  cases: { type: "string", default: "10000" },
  minutes: { type: "string", default: "0" },
  seed: { type: "string" },
  path: { type: "string" },
});
const number = (name: "cases" | "minutes" | "seed", value: string) => {
  const parsed = Number(value);
  if (!Number.isSafeInteger(parsed) || parsed < 0) usage(`--${name} ${value}: a whole number`);
  return parsed;
};
const chosen = attacks.filter(({ name }) => options.only === undefined || name === options.only);
if (chosen.length === 0) usage(`--only ${options.only}: there is no such attack`);
if (options.runtime !== "all" && !runtimes.some((name) => name === options.runtime))
  usage(`--runtime ${options.runtime}: node, bun, deno or all`);
const on = options.runtime === "all" ? runtimes : [options.runtime as RuntimeName];
if (!["direct", "caddy", "both"].includes(options.via)) usage(`--via ${options.via}: direct, caddy or both`);
const ways: Via[] = options.via === "both" ? ["direct", "caddy"] : [options.via as Via];
const cases = number("cases", options.cases);
const endsAt = performance.now() + number("minutes", options.minutes) * 60_000;
const firstSeed =
  options.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : number("seed", options.seed);
need([caddy]);
// Leaves by the front door, where everything that was started is ended.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

let failed = 0;
let seed = firstSeed;
do {
  console.log(`seed ${seed}, ${cases} cases each on ${on.join(", ")}`);
  for (const runtime of on) {
    const suite = { runtime, attacks: chosen, ways, seed, cases, path: options.path };
    await attackRuntime(suite, ({ attack, via, result }) => {
      const { outcomes, seconds, p99Ms, maxMs, beforeMb, afterMb, problems } = result;
      const answers = [...outcomes]
        .toSorted((a, b) => b[1] - a[1])
        .map(([outcome, times]) => `${times} ${outcome}`);
      console.log(
        `${problems.length > 0 ? "✖" : "✔"} ${runtime.padEnd(5)}${attack.name.padEnd(10)}${via.padEnd(7)}` +
          `${String(count(outcomes)).padStart(6)} cases ${seconds.toFixed(1).padStart(5)} s  others' p99 ${p99Ms} ms, ` +
          `max ${maxMs} ms  memory ${Math.round(beforeMb)} -> ${Math.round(afterMb)} MB\n    ${answers.join(", ")}`,
      );
      for (const problem of problems) console.log(`    ${problem.replaceAll("\n", "\n    ")}`);
      if (problems.length > 0) {
        failed += 1;
        console.log(
          `    again: npm run test:security -- --runtime ${runtime} --via ${via} --only ${attack.name} --seed ${seed} --cases ${cases}`,
        );
      }
    });
  }
  seed += 1;
} while (performance.now() < endsAt);
console.log(failed === 0 ? "the server held" : `${failed} attacks did harm`);
process.exit(failed === 0 ? 0 : 1);
