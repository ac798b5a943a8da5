import { styleText } from "node:util";
import { root } from "../../deploy/local/replica.ts";
import { split } from "./report.ts";
import { type Ratio, type Runs, compare, isBetterWhen, marginOf } from "./ratios.ts";
import { shown } from "./results.ts";
import { type RunScenarioOptions, shownAll } from "./run-scenario.ts";
import type { Contender, Figures, Scenario } from "./scenario.ts";

export interface AgainstOptions extends RunScenarioOptions {
  /** The folder of the other commit's checkout. */
  source: string;
  /** What the other commit is called in the output. */
  revision: string;
}

export interface AgainstResult {
  contenders: { name: string; ratios: Map<string, Ratio> }[];
  /** What must not be, such as that the other commit's server did not start. */
  problems: string[];
}

/** Whether it is a server of this project: only those have another commit. */
const isOurs = ({ name }: Contender) => name.startsWith("Trimaran");

/** Runs each chosen contender in turn on this tree and on the other commit, and compares their figures. */
export async function runAgainst(scenario: Scenario, options: AgainstOptions): Promise<AgainstResult> {
  const problems: string[] = [];
  const measured: { name: string; runs: Map<string, Runs> }[] = [];
  for (const contender of scenario.contenders.filter((each) => isOurs(each) && options.isChosen(each))) {
    try {
      measured.push({ name: contender.name, runs: await runInTurn(contender, options, problems) });
    } catch (error) {
      // Such as a server of the other commit that does not start. The other contenders may be comparable.
      problems.push(`${contender.name}: ${(error as Error).message}`);
    }
  }
  const margin = (figure: string) => marginOf(measured.flatMap(({ runs }) => runs.get(figure) ?? []));
  const contenders = measured.map(({ name, runs }) => ({
    name,
    ratios: new Map(
      [...runs].map(([figure, values]) => [
        figure,
        compare(values, isBetterWhen(figure, scenario.amounts), margin(figure)),
      ]),
    ),
  }));
  return { contenders, problems };
}

/** In turn: see `compare`. */
async function runInTurn({ name, run }: Contender, options: AgainstOptions, problems: string[]) {
  const { quick, seed, rounds, source, revision, onProgress } = options;
  async function measure(which: string, of: string, round: number): Promise<Figures> {
    const problem = (text: string) => void problems.push(`${name}, ${which}: ${text}`);
    const figures = await run({ quick, seed: seed + round, source: of, note: () => {}, problem });
    onProgress(`${round + 1}/${rounds} ${name}, ${which}: ${shownAll(figures)}`);
    return figures;
  }
  const now = [await measure("now", root, 0)];
  const before: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    before.push(await measure(revision, source, round));
    now.push(await measure("now", root, round));
  }
  const valuesOf = (all: Figures[], figure: string) => all.map((figures) => figures[figure] ?? NaN);
  const figures = Object.keys(now[0] ?? {});
  return new Map<string, Runs>(
    figures.map((figure) => [figure, { now: valuesOf(now, figure), before: valuesOf(before, figure) }]),
  );
}

const colors = { better: "green", worse: "red", "": "dim" } as const;

/** A line for each figure of each contender. */
export function ratioTable({ contenders }: AgainstResult): string[] {
  return contenders.flatMap(({ name, ratios }) =>
    [...ratios].map(([figure, { ratio, margin, verdict }]) => {
      const range = `${shown(ratio.median)} (${shown(ratio.min)}-${shown(ratio.max)})`;
      const noise = `±${Number.isFinite(margin) ? Math.round(margin * 100) : "∞"} %`;
      const what = [...new Set(split(figure))].filter(Boolean).join(", ");
      const line = `  ${name.padEnd(24)} ${what.padEnd(36)} ${range.padEnd(22)} ${noise.padEnd(7)}`;
      return verdict === "" ? line.trimEnd() : `${line} ${styleText(colors[verdict], verdict)}`;
    }),
  );
}
