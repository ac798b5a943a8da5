import { styleText } from "node:util";
import { featureWorkloads } from "./features.ts";
import type { Figures, Result, Results } from "./result.ts";
import { scenarios } from "./scenarios/index.ts";

const ofFeatures = featureWorkloads.flatMap(({ columns }) => columns);
const ms = (value: number | undefined) => (value === undefined ? "-" : value.toFixed(0));

/** One line for people who watch, and the violations below it. */
export function printResult(result: Result): void {
  const { figures, violations } = result;
  const mark = violations.length > 0 ? styleText("red", "✖") : styleText("green", "✔");
  const numbers = figures
    ? [
        `sent ${figures.sent}`,
        `delivered ${figures.delivered}`,
        `lost ${figures.lost}`,
        `told ${figures.told}`,
        `doubled ${figures.doubled}`,
        `reordered ${figures.reordered}`,
        ...ofFeatures.map(([title, figure]) => `${title} ${figures[figure] ?? 0}`),
        `recovered ${figures.recovered} of ${figures.reconnects}`,
        `silence ${ms(figures.silenceMs)} ms`,
        `ack p99 ${ms(figures.ackP99Ms)} ms`,
        `local p99 ${ms(figures.localP99Ms)} ms`,
        `machine p99 ${ms(figures.machineP99Ms)} ms`,
      ]
    : ["did not start"];
  numbers.push(`cpu ${(result.cpuShare * 100).toFixed(0)} %`, `memory ${ms(result.maxMegabytes)} MB`);
  const head = `${mark} ${result.scenario} on ${result.runtime}, seed ${result.seed}, ${result.seconds.toFixed(1)} s`;
  console.log(`${head}\n    ${styleText("dim", numbers.join(", "))}`);
  for (const violation of violations) console.log(`    ${styleText("red", violation)}`);
}

const columns = [
  "scenario",
  "replicas on",
  "sent",
  "delivered",
  "lost",
  "told",
  "doubled",
  "reordered",
  ...ofFeatures.map(([title]) => title),
  "recovered",
  "silence ms",
  "ack p99 ms",
  "local p99 ms",
  "machine p99 ms",
  "CPU %",
  "MB",
  "s",
  "passed",
];

/** One row: all rounds of a scenario on a runtime. Counts are added up, of the rest the worst is shown. */
function row(rounds: readonly Result[]): unknown[] {
  const [first] = rounds;
  const figures = rounds.flatMap((result) => result.figures ?? []);
  const sum = (pick: (figures: Figures) => number) => figures.reduce((total, one) => total + pick(one), 0);
  const worst = (pick: (figures: Figures) => number) => ms(Math.max(0, ...figures.map(pick)));
  const most = (pick: (result: Result) => number) => ms(Math.max(...rounds.map(pick)));
  const passed = rounds.filter(({ violations }) => violations.length === 0);
  const again = rounds.reduce((total, { measurements = 1 }) => total + measurements - 1, 0);
  const verdict = `${passed.length} of ${rounds.length}${again > 0 ? ` (${again} measured again)` : ""}`;
  return [
    first?.title,
    first?.runtime,
    sum(({ sent }) => sent),
    sum(({ delivered }) => delivered),
    sum(({ lost }) => lost),
    sum(({ told }) => told),
    sum(({ doubled }) => doubled),
    sum(({ reordered }) => reordered),
    ...ofFeatures.map(([, figure]) => sum((all) => all[figure] ?? 0)),
    `${sum(({ recovered }) => recovered)} of ${sum(({ reconnects }) => reconnects)}`,
    worst(({ silenceMs }) => silenceMs),
    worst(({ ackP99Ms }) => ackP99Ms),
    worst(({ localP99Ms }) => localP99Ms),
    figures.some(({ machineP99Ms }) => machineP99Ms !== undefined)
      ? worst(({ machineP99Ms = 0 }) => machineP99Ms)
      : "-",
    most(({ cpuShare }) => cpuShare * 100),
    most(({ maxMegabytes }) => maxMegabytes),
    most(({ seconds }) => seconds),
    passed.length === rounds.length ? verdict : `**${verdict}**`,
  ];
}

/** The results as a table for people. */
export function toMarkdown({ date, sources, hardware, versions, results }: Results): string {
  const failed = results.filter(({ violations }) => violations.length > 0);
  const seeds = [...new Set(results.map(({ seed }) => seed))].toSorted((a, b) => a - b);
  const order = scenarios.map(({ name }) => name);
  const groups = Map.groupBy(results, ({ scenario, runtime }) => `${scenario} ${runtime}`);
  const rows = [...groups.values()].toSorted(
    ([a], [b]) =>
      order.indexOf(a?.scenario ?? "") - order.indexOf(b?.scenario ?? "") ||
      (a?.runtime ?? "").localeCompare(b?.runtime ?? ""),
  );
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  return [
    "# The fault suite's results",
    "",
    "Written by `npm run test:faults -- --rounds 3 --results`, one run for each `--runtime`, all three at the same time",
    "on one machine; [results](results) has everything as JSON, [main.ts](main.ts) tells what is run and how.",
    "",
    `${date}, seeds ${seeds.join(", ")}, sources \`${sources}\`. ${hardware}.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    "",
    `**${results.length - failed.length} passed, ${failed.length} failed.** Counts are of all seeds together, of`,
    "the rest the worst is shown. Told: a message that a client did not get, but was told of",
    "(`recovered: false`, or `resync`). Silence: the longest time a client was sent nothing, its own absence included.",
    "p99: in the time of the fault, and of the whole run where no bound is set. Machine: how late the machine itself was, which",
    "bounds are net of. CPU: of one core, all replicas; MB: the largest replica; neither has a bound.",
    ...(results.some(({ measurements = 1 }) => measurements > 1)
      ? [
          "Measured again: a time or a size was past its bound, and the scenario run anew, as the suite did until 2026-11-28.",
        ]
      : []),
    "",
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((rounds) => line(row(rounds))),
    ...failed.flatMap(({ title, runtime, seed, violations }) => [
      "",
      `**${title}, ${runtime}, seed ${seed}**`,
      "",
      ...violations.map((violation) => `- ${violation.replaceAll("\n", " ")}`),
    ]),
    "",
  ].join("\n");
}
