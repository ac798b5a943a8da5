import { styleText } from "node:util";
import type { Result } from "./run-scenario.ts";

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
        `words ${figures.tokens}`,
        `recovered ${figures.recovered} of ${figures.reconnects}`,
        `silence ${ms(figures.silenceMs)} ms`,
        `ack p99 ${ms(figures.ackP99Ms)} ms`,
        `local p99 ${ms(figures.localP99Ms)} ms`,
      ]
    : ["did not start"];
  numbers.push(`cpu ${(result.cpuShare * 100).toFixed(0)} %`, `memory ${ms(result.maxMegabytes)} MB`);
  const head = `${mark} ${result.scenario} on ${result.runtime}, seed ${result.seed}, ${result.seconds.toFixed(1)} s`;
  console.log(`${head}\n    ${styleText("dim", numbers.join(", "))}`);
  for (const violation of violations) console.log(`    ${styleText("red", violation)}`);
}

export interface Circumstances {
  date: string;
  seed: number;
  hardware: string;
  versions: Record<string, string>;
  seconds: number;
}

/** The results as a table for people. */
export function toMarkdown(results: readonly Result[], circumstances: Circumstances): string {
  const failed = results.filter(({ violations }) => violations.length > 0);
  const header = [
    "scenario",
    "replicas on",
    "sent",
    "delivered",
    "lost",
    "told",
    "doubled",
    "reordered",
    "words",
    "recovered",
    "silence ms",
    "ack p99 ms",
    "local p99 ms",
    "CPU %",
    "MB",
    "s",
    "result",
  ];
  const rows = results.map((result) => {
    const { figures } = result;
    const counts = figures
      ? [
          figures.sent,
          figures.delivered,
          figures.lost,
          figures.told,
          figures.doubled,
          figures.reordered,
          figures.tokens,
          `${figures.recovered} of ${figures.reconnects}`,
          ms(figures.silenceMs),
          ms(figures.ackP99Ms),
          ms(figures.localP99Ms),
        ]
      : Array.from({ length: 11 }, () => "-");
    return [
      result.title,
      result.runtime,
      ...counts,
      (result.cpuShare * 100).toFixed(0),
      ms(result.maxMegabytes),
      result.seconds.toFixed(0),
      result.violations.length === 0 ? "pass" : `**${result.violations.length} violations**`,
    ];
  });
  const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const versions = Object.entries(circumstances.versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# The fault suite's results",
    "",
    "Written by `npm run test:faults -- --results`; see [main.ts](main.ts) for what is run and how.",
    "",
    `${circumstances.date}, seed ${circumstances.seed}, ${circumstances.seconds.toFixed(0)} s. ${circumstances.hardware}.`,
    `${versions.join(", ")}.`,
    "",
    `**${results.length - failed.length} passed, ${failed.length} failed.** Told: a message that a client did not get, but`,
    "was told of (`recovered: false`, or `resync`). Silence: the longest time a client was sent nothing. p99: in the",
    "time of the fault, where the scenario holds it against a bound. CPU: of one core, all replicas. MB: the largest replica.",
    "",
    line(header),
    line(header.map(() => "---")),
    ...rows.map(line),
    ...failed.flatMap(({ title, runtime, violations }) => [
      "",
      `**${title}, ${runtime}**`,
      "",
      ...violations.map((violation) => `- ${violation.replaceAll("\n", " ")}`),
    ]),
    "",
  ].join("\n");
}
