import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ScenarioResult, shown } from "./results.ts";

export interface Report {
  date: string;
  hardware: string;
  versions: Record<string, string>;
  seed: number;
  quick: boolean;
  minutes: number;
  scenarios: ScenarioResult[];
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Writes RESULTS.md, results.json and a chart of each figure that goals speak of. */
export async function writeReport(report: Report): Promise<void> {
  // Types of a module that is there only once the benchmark has installed it.
  const { barChart } = (await import(here("charts.mjs"))) as {
    barChart: (chart: { title: string; unit: string; bars: { name: string; value: number }[] }) => string;
  };
  writeFileSync(here("results.json"), `${JSON.stringify(report, null, 1)}\n`);
  rmSync(here("charts"), { recursive: true, force: true });
  mkdirSync(here("charts"));
  for (const { name, title, contenders } of report.scenarios) {
    for (const figure of Object.keys(contenders[0]?.figures ?? {})) {
      const bars = contenders.map((contender) => ({
        name: contender.name,
        value: contender.figures[figure]?.median ?? 0,
      }));
      const [what, unit] = split(figure);
      writeFileSync(
        here(`charts/${name}-${figure}.svg`),
        barChart({ title: `${title.split(":")[0]}: ${what}`, unit, bars }),
      );
    }
  }
  writeFileSync(here("RESULTS.md"), toMarkdown(report));
}

/** `textUsPerDelivery` is `text` in `µs per delivery`. */
export function split(figure: string): [what: string, unit: string] {
  const words = figure
    .replaceAll(/([A-Z])/g, " $1")
    .toLowerCase()
    .split(" ");
  const at = words.findIndex((word) =>
    ["us", "ms", "bytes", "megabytes", "per", "percent", "count"].includes(word),
  );
  const unit = words.slice(at).join(" ").replace(/^us/, "µs");
  return at < 0 ? [words.join(" "), ""] : [words.slice(0, at).join(" ") || unit, unit];
}

export function toMarkdown({ scenarios, ...report }: Report): string {
  const goals = scenarios.flatMap(({ goals }) => goals);
  const missed = goals.filter(({ met }) => !met).length;
  const head = `# Benchmark

${report.date}, ${report.hardware}. ${Object.entries(report.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(
      ", ",
    )}. Seed ${report.seed}, ${report.minutes.toFixed(0)} minutes${report.quick ? ", quick (fewer clients)" : ""}.

Written by \`npm run bench\`: everything of this page is of one run of one commit. Each figure is the median of
its rounds, with the smallest and the largest; ratios are made within a round. Generator and servers share
the machine, so processor time counts, not wall time, where nothing else is said.

**${goals.length - missed} of ${goals.length} goals met.**
`;
  return head + scenarios.map(section).join("");
}

function section({ name, title, contenders, goals, notes, problems }: ScenarioResult): string {
  const figures = Object.keys(contenders[0]?.figures ?? {});
  const goalRows = goals.map(
    ({ title, bound, measured, met }) =>
      `| ${met ? "met" : "**missed**"} | ${title} | ${bound} | ${shown(measured.median)} (${shown(measured.min)}-${shown(measured.max)}) |`,
  );
  const rows = contenders.map(({ name, figures: all }) => {
    const cells = figures.map((figure) => {
      const { median, min, max } = all[figure] ?? { median: NaN, min: NaN, max: NaN };
      return `${shown(median)} (${shown(min)}-${shown(max)})`;
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  const charts = figures.map((figure) => `![${split(figure)[0]}](charts/${name}-${figure}.svg)`);
  return [
    `\n## ${title}\n`,
    "| goal | | bound | measured |",
    "|---|---|---|---|",
    ...goalRows,
    "",
    `| | ${figures.map((figure) => [...new Set(split(figure))].join(", ")).join(" | ")} |`,
    `|---|${figures.map(() => "---|").join("")}`,
    ...rows,
    "",
    ...[...problems, ...notes].map((text) => `- ${text}`),
    ...(problems.length + notes.length > 0 ? [""] : []),
    ...charts,
    "",
  ].join("\n");
}
